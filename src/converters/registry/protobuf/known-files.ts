import { WRAPPERS_TEXT } from './known-messages.ts'

const TYPE = ['google/type', 'google.type'] as const
const PROTOBUF = ['google/protobuf', 'google.protobuf'] as const
const CONFLUENT = ['confluent/type', 'confluent.type'] as const

/**
 * Files that schemas import without registering them: what Google's and Confluent's messages consist of, by path. Those
 * about schemas themselves (descriptor.proto, meta.proto) are not among them: only options refer to them.
 */
export const KNOWN_FILES: ReadonlyMap<string, string> = new Map([
  known(CONFLUENT, 'decimal', 'message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }'),
  known(CONFLUENT, 'variant', 'message Variant { bytes metadata = 1; bytes value = 2; }'),

  known(PROTOBUF, 'any', 'message Any { string type_url = 1; bytes value = 2; }'),
  known(PROTOBUF, 'duration', 'message Duration { int64 seconds = 1; int32 nanos = 2; }'),
  known(PROTOBUF, 'empty', 'message Empty {}'),
  known(PROTOBUF, 'field_mask', 'message FieldMask { repeated string paths = 1; }'),
  known(PROTOBUF, 'source_context', 'message SourceContext { string file_name = 1; }'),
  known(
    PROTOBUF,
    'struct',
    `message Struct { map<string, Value> fields = 1; }
    message Value {
      oneof kind {
        NullValue null_value = 1; double number_value = 2; string string_value = 3;
        bool bool_value = 4; Struct struct_value = 5; ListValue list_value = 6;
      }
    }
    enum NullValue { NULL_VALUE = 0; }
    message ListValue { repeated Value values = 1; }`,
  ),
  known(PROTOBUF, 'timestamp', 'message Timestamp { int64 seconds = 1; int32 nanos = 2; }'),
  ['google/protobuf/wrappers.proto', WRAPPERS_TEXT],

  known(
    TYPE,
    'calendar_period',
    enumOf('CalendarPeriod', 'CALENDAR_PERIOD_UNSPECIFIED DAY WEEK FORTNIGHT MONTH QUARTER HALF YEAR'),
  ),
  known(
    TYPE,
    'color',
    `import "google/protobuf/wrappers.proto";
    message Color { float red = 1; float green = 2; float blue = 3; google.protobuf.FloatValue alpha = 4; }`,
  ),
  known(TYPE, 'date', 'message Date { int32 year = 1; int32 month = 2; int32 day = 3; }'),
  known(
    TYPE,
    'datetime',
    `import "google/protobuf/duration.proto";
    message DateTime {
      int32 year = 1; int32 month = 2; int32 day = 3; int32 hours = 4; int32 minutes = 5; int32 seconds = 6; int32 nanos = 7;
      oneof time_offset { google.protobuf.Duration utc_offset = 8; TimeZone time_zone = 9; }
    }
    message TimeZone { string id = 1; string version = 2; }`,
  ),
  known(
    TYPE,
    'dayofweek',
    enumOf('DayOfWeek', 'DAY_OF_WEEK_UNSPECIFIED MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY'),
  ),
  known(TYPE, 'decimal', 'message Decimal { string value = 1; }'),
  known(
    TYPE,
    'expr',
    'message Expr { string expression = 1; string title = 2; string description = 3; string location = 4; }',
  ),
  known(TYPE, 'fraction', 'message Fraction { int64 numerator = 1; int64 denominator = 2; }'),
  known(
    TYPE,
    'interval',
    `import "google/protobuf/timestamp.proto";
    message Interval { google.protobuf.Timestamp start_time = 1; google.protobuf.Timestamp end_time = 2; }`,
  ),
  known(TYPE, 'latlng', 'message LatLng { double latitude = 1; double longitude = 2; }'),
  known(TYPE, 'money', 'message Money { string currency_code = 1; int64 units = 2; int32 nanos = 3; }'),
  known(
    TYPE,
    'month',
    enumOf(
      'Month',
      'MONTH_UNSPECIFIED JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER',
    ),
  ),
  known(
    TYPE,
    'phone_number',
    `message PhoneNumber {
      oneof kind { string e164_number = 1; ShortCode short_code = 2; }
      string extension = 3;
      message ShortCode { string region_code = 1; string number = 2; }
    }`,
  ),
  known(
    TYPE,
    'postal_address',
    `message PostalAddress {
      int32 revision = 1; string region_code = 2; string language_code = 3; string postal_code = 4; string sorting_code = 5;
      string administrative_area = 6; string locality = 7; string sublocality = 8; repeated string address_lines = 9;
      repeated string recipients = 10; string organization = 11;
    }`,
  ),
  known(TYPE, 'quaternion', 'message Quaternion { double x = 1; double y = 2; double z = 3; double w = 4; }'),
  known(
    TYPE,
    'timeofday',
    'message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }',
  ),
])

function known([folder, name]: readonly [string, string], file: string, content: string): [string, string] {
  return [`${folder}/${file}.proto`, `syntax = "proto3";\npackage ${name};\n${content}\n`]
}

function enumOf(name: string, symbols: string): string {
  const values = symbols.split(' ').map((symbol, index) => `${symbol} = ${index};`)
  return `enum ${name} { ${values.join(' ')} }`
}
