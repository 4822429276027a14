import { defineMessages } from '../i18n/define-messages.ts'

export const searchMessages = defineMessages(
  {
    title: 'Search',
    hint: 'Looks into the indices that a sink writes, with the login of the sink.',
    none: 'There are no sinks yet.',
    noIndex: 'The topics of this sink are not there yet.',
    sink: 'Sink',
    index: 'Index',
    query: 'Query',
    queryHint: 'Words, name:alice, total:>10, "a phrase", or nothing for all documents',
    search: 'Search',
    documents: 'Documents',
    more: 'More documents',
    total: (count: string) => `${count} documents`,
  },
  {
    title: '검색',
    hint: '싱크의 로그인으로 그 싱크가 쓰는 인덱스를 봅니다.',
    none: '아직 싱크가 없습니다.',
    noIndex: '이 싱크의 토픽이 아직 없습니다.',
    sink: '싱크',
    index: '인덱스',
    query: '질의',
    queryHint: '단어, name:alice, total:>10, "구절", 비우면 모든 문서',
    search: '검색',
    documents: '문서',
    more: '문서 더 보기',
    total: (count) => `문서 ${count}개`,
  },
)
