import { defineMessages } from '../i18n/define-messages.ts'

export const verificationMessages = defineMessages(
  {
    title: 'Index and tables',
    hint: 'Compares every document of a mirror with its row, while changes flow.',
    verify: 'Verify',
    repair: 'Verify and repair',
    cancel: 'Cancel',
    'reading rows': 'Reading rows',
    'reading documents': 'Reading documents',
    'looking again': 'Looking again at what differs',
    detail: (done: string, of: string) => `${done} of ${of}`,
    failed: 'The verification failed',
    same: (documents: string, seconds: string) =>
      `All ${documents} documents are as their rows (${seconds}).`,
    differs: (missing: string, stale: string, extra: string) =>
      `${missing} documents are missing, ${stale} are stale, ${extra} have no row.`,
    repaired: (count: string) => `${count} were repaired.`,
  },
  {
    title: '인덱스와 테이블',
    hint: '변경이 흐르는 동안 미러의 모든 문서를 그 행과 비교합니다.',
    verify: '검증',
    repair: '검증하고 고치기',
    cancel: '취소',
    'reading rows': '행을 읽는 중',
    'reading documents': '문서를 읽는 중',
    'looking again': '다른 것을 다시 보는 중',
    detail: (done, of) => `${of} 중 ${done}`,
    failed: '검증이 실패했습니다',
    same: (documents, seconds) => `문서 ${documents}개가 모두 행과 같습니다 (${seconds}).`,
    differs: (missing, stale, extra) =>
      `문서 ${missing}개가 없고, ${stale}개가 오래되었고, ${extra}개는 행이 없습니다.`,
    repaired: (count) => `${count}개를 고쳤습니다.`,
  },
)
