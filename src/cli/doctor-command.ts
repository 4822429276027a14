import type { Command } from 'commander'
import { kafkaAddress, postgresAddress, searchAddress } from './addresses.ts'
import type { DoctorFlags } from './doctor/run-doctor.ts'

/** `tailrace doctor` */
export function doctorCommand(doctor: Command): void {
  doctor
    .description(
      'look at everything that connectors and workers need, and say what mends it: exit status 1 where something fails',
    )
    .argument('[files...]', 'connectors as JSON files {"name", "config"}')
    .option(
      '--postgres <url>',
      'a database in place of a file: postgres://USER:PASSWORD@HOST:PORT/DATABASE',
      postgresAddress,
    )
    .option('--tables <names>', 'its tables: public.orders,public.items (default: all)')
    .option('--elasticsearch <url>', 'a search server: http://[USER:PASSWORD@]HOST:PORT', searchAddress)
    .option('--kafka <brokers>', 'a Kafka cluster: HOST:PORT,HOST:PORT', kafkaAddress)
    .option('--properties <file>', "a worker's properties: its Kafka cluster, its data directory")
    .option('--data-dir <directory>', 'the directory of the embedded log')
    .option('--json', 'the findings as JSON')
    .action(async (files: readonly string[], flags: DoctorFlags) => {
      await (await import('./doctor/run-doctor.ts')).runDoctor(files, flags)
    })
}
