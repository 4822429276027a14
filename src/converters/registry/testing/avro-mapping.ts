import { ConfigDef } from '../../../api/config-def.ts'
import { avroOptions } from '../avro/avro-options.ts'

/** The reference's defaults. */
export const defaultAvroOptions = new ConfigDef(avroOptions).parse({})
