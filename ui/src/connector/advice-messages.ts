import { defineMessages } from '../i18n/define-messages.ts'

/** What to do, by error code. */
export const adviceMessages = defineMessages(
  {
    'connect.data-invalid':
      'Look at the record. If the converter does not fit the data (schemas.enable, another format), change it in the configuration; to pass such records over, set errors.tolerance=all with errors.deadletterqueue.topic.name.',
    'connect.field-unknown':
      'A transformation names a field that these records do not have: correct the name, or restrict the transformation with a predicate.',
    'connect.config-provider-failed':
      'See that the file or variable exists and that the worker may read it, then restart the connector.',
    'connect.thread-crashed':
      'The task starts again by itself. If this comes back, give the worker more memory.',
    'connect.topic-vanished':
      'Somebody deleted the topic. Restart the connector: it creates the topic again.',
    'connect.too-many-tasks': 'Raise tasks.max in the configuration.',
    'postgres.connection-lost':
      'See that PostgreSQL runs and can be reached from here. The task goes on by itself as soon as it does.',
    'postgres.authentication':
      'Correct database.user and database.password, or allow the login in pg_hba.conf.',
    'postgres.database-unknown': 'Correct database.dbname.',
    'postgres.permission-denied': 'Run the GRANT that the error names, then restart the connector.',
    'postgres.wal-level': 'Set wal_level = logical in postgresql.conf and restart the server.',
    'postgres.wal-guard':
      'Find out why the connector did not keep up, then restart it: with snapshot.mode=when_needed it reads the tables again.',
    'postgres.slot-in-use': 'Stop the other reader of the slot, or choose another slot.name.',
    'postgres.slot-unusable': 'Drop the slot if nobody needs it, or choose another slot.name.',
    'postgres.publication-unusable':
      'Create the publication as the error says, or let the connector do it with publication.autocreate.mode.',
    'postgres.position-lost':
      'Changes are missing. Restart with snapshot.mode=when_needed to read the tables again; nothing less makes them complete.',
    'elasticsearch.unreachable':
      'See that Elasticsearch runs and that connection.url is right. The task goes on by itself as soon as it answers.',
    'elasticsearch.retries-exhausted':
      'See why Elasticsearch refuses (disk watermarks, read-only indices, overload), mend it, and restart the task. Without max.retries such causes are waited out.',
    'elasticsearch.indexing-failed':
      'The document does not fit the mapping of its index. Correct the mapping, or pass such records over with errors.tolerance=all and a dead letter topic; behavior.on.malformed.documents=warn drops them.',
    'elasticsearch.index-unusable': 'See that the index exists and that the login may use it.',
    'elasticsearch.request-refused': 'See that the login of the sink has the rights to write to the index.',
    'log.disk-full': 'Make room on the disk of data.dir; the tasks go on by themselves.',
    'log.kafka-unreachable': 'See that the brokers run; the tasks go on by themselves.',
    'log.record-too-large': "Raise the topic's max.message.bytes and the producer's max.request.size.",
  },
  {
    'connect.data-invalid':
      '레코드를 확인하세요. 변환기가 데이터와 맞지 않으면(schemas.enable, 다른 형식) 설정에서 바꾸고, 이런 레코드를 건너뛰려면 errors.tolerance=all과 errors.deadletterqueue.topic.name을 설정하세요.',
    'connect.field-unknown':
      '변환이 레코드에 없는 필드를 가리킵니다. 이름을 고치거나 조건(predicate)으로 변환의 대상을 좁히세요.',
    'connect.config-provider-failed':
      '파일이나 변수가 있고 워커가 읽을 수 있는지 확인한 뒤 커넥터를 다시 시작하세요.',
    'connect.thread-crashed': '태스크는 스스로 다시 시작됩니다. 되풀이되면 워커에 메모리를 더 주세요.',
    'connect.topic-vanished': '누군가 토픽을 지웠습니다. 커넥터를 다시 시작하면 토픽을 다시 만듭니다.',
    'connect.too-many-tasks': '설정에서 tasks.max를 올리세요.',
    'postgres.connection-lost':
      'PostgreSQL이 실행 중이고 여기서 연결되는지 확인하세요. 연결되면 태스크가 스스로 이어집니다.',
    'postgres.authentication':
      'database.user와 database.password를 고치거나 pg_hba.conf에서 로그인을 허용하세요.',
    'postgres.database-unknown': 'database.dbname을 고치세요.',
    'postgres.permission-denied': '오류에 적힌 GRANT를 실행한 뒤 커넥터를 다시 시작하세요.',
    'postgres.wal-level': 'postgresql.conf에 wal_level = logical을 설정하고 서버를 다시 시작하세요.',
    'postgres.wal-guard':
      '커넥터가 따라가지 못한 까닭을 찾은 뒤 다시 시작하세요. snapshot.mode=when_needed이면 테이블을 다시 읽습니다.',
    'postgres.slot-in-use': '슬롯을 읽는 다른 프로그램을 멈추거나 다른 slot.name을 고르세요.',
    'postgres.slot-unusable': '아무도 쓰지 않는 슬롯이면 지우고, 아니면 다른 slot.name을 고르세요.',
    'postgres.publication-unusable':
      '오류에 적힌 대로 publication을 만들거나 publication.autocreate.mode로 커넥터가 만들게 하세요.',
    'postgres.position-lost':
      '빠진 변경이 있습니다. snapshot.mode=when_needed로 다시 시작해 테이블을 다시 읽으세요. 그 밖의 방법으로는 온전해지지 않습니다.',
    'elasticsearch.unreachable':
      'Elasticsearch가 실행 중이고 connection.url이 맞는지 확인하세요. 응답하면 태스크가 스스로 이어집니다.',
    'elasticsearch.retries-exhausted':
      'Elasticsearch가 거절하는 까닭(디스크 한계, 읽기 전용 인덱스, 과부하)을 찾아 고치고 태스크를 다시 시작하세요. max.retries가 없으면 이런 원인은 기다립니다.',
    'elasticsearch.indexing-failed':
      '문서가 인덱스의 매핑과 맞지 않습니다. 매핑을 고치거나, errors.tolerance=all과 데드 레터 토픽으로 건너뛰세요. behavior.on.malformed.documents=warn은 버립니다.',
    'elasticsearch.index-unusable': '인덱스가 있고 로그인이 쓸 수 있는지 확인하세요.',
    'elasticsearch.request-refused': '싱크의 로그인에 인덱스에 쓸 권한이 있는지 확인하세요.',
    'log.disk-full': 'data.dir의 디스크를 비우세요. 태스크는 스스로 이어집니다.',
    'log.kafka-unreachable': '브로커가 실행 중인지 확인하세요. 태스크는 스스로 이어집니다.',
    'log.record-too-large': '토픽의 max.message.bytes와 프로듀서의 max.request.size를 올리세요.',
  },
)
