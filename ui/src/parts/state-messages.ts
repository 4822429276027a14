import { defineMessages } from '../i18n/define-messages.ts'

export const stateMessages = defineMessages(
  {
    RUNNING: 'Running',
    PAUSED: 'Paused',
    STOPPED: 'Stopped',
    FAILED: 'Failed',
    RESTARTING: 'Restarting',
    UNASSIGNED: 'Unassigned',
  },
  {
    RUNNING: '실행 중',
    PAUSED: '일시 정지',
    STOPPED: '중지됨',
    FAILED: '실패',
    RESTARTING: '다시 시작하는 중',
    UNASSIGNED: '배정 안 됨',
  },
)
