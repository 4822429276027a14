import { defineMessages } from '../i18n/define-messages.ts'

export const offsetMessages = defineMessages(
  {
    offsets: 'Offsets as JSON',
    hint: 'A null offset forgets that of its partition. What is not named stays as it is.',
    stopFirst: 'Stop the connector to change its offsets.',
    reload: 'Look again',
    alter: 'Change offsets',
    reset: 'Reset all',
    resetQuestion: 'Forget all offsets of the connector?',
    resetHint: 'A source begins with a new snapshot, a sink reads its topics from the start.',
  },
  {
    offsets: 'JSON 오프셋',
    hint: 'null인 오프셋은 그 파티션의 오프셋을 잊습니다. 적지 않은 것은 그대로 둡니다.',
    stopFirst: '오프셋을 바꾸려면 커넥터를 중지하세요.',
    reload: '다시 보기',
    alter: '오프셋 바꾸기',
    reset: '모두 초기화',
    resetQuestion: '이 커넥터의 오프셋을 모두 잊을까요?',
    resetHint: '소스는 새 스냅숏으로 시작하고, 싱크는 토픽을 처음부터 읽습니다.',
  },
)
