// A filter of nibbles, as in Hyperscan's Teddy: each word belongs to one of eight buckets, a bit each. For up to three
// neighbouring bytes of a word two tables say, by the low and by the high half of a byte, which buckets may go on with it. The
// bits that are left of all six look-ups are candidates, and are compared in full. Both cases of a letter stand in the tables.
#include "CLogSearch.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#include <immintrin.h>
#define HAS_X86 1
#elif defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>
#define HAS_NEON 1
#endif

enum { BUCKETS = 8, WIDTH = 3 };

struct log_words {
  uint8_t low[WIDTH][16];
  uint8_t high[WIDTH][16];
  size_t count;
  uint8_t *bytes;
  // Of each word: where it begins in `bytes`, how long it is, and where in it the filter looks.
  uint32_t *begin;
  uint32_t *length;
  uint32_t *offset;
};

static uint8_t folded(uint8_t byte) { return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte; }

// How often a byte is met in a log, roughly: from rare to common.
static unsigned commonness(uint8_t byte) {
  static const char order[] = "qzjxkvbwyg@!?#%&*~^$|\\`'+<>{}();fmphucdlrsn\"[]=,_/oita e:-.0123456789";
  const char *found = byte ? strchr(order, byte) : NULL;
  return found ? (unsigned)(found - order) : 0;
}

// The part of a word that is met least.
static uint32_t rarest(const uint8_t *word, uint32_t length) {
  uint32_t best = 0;
  unsigned least = ~0u;
  for (uint32_t start = 0; start + WIDTH <= length; start++) {
    unsigned sum = commonness(word[start]) + commonness(word[start + 1]) + commonness(word[start + 2]);
    if (sum < least) least = sum, best = start;
  }
  return best;
}

log_words *log_words_make(const uint8_t *bytes, const uint32_t *lengths, size_t count) {
  size_t total = 0;
  for (size_t i = 0; i < count; i++) total += lengths[i];
  log_words *words = calloc(1, sizeof *words);
  if (!words) return NULL;
  words->count = count;
  words->bytes = malloc(total + 1);
  words->begin = malloc((count + 1) * sizeof *words->begin);
  words->length = malloc((count + 1) * sizeof *words->length);
  words->offset = malloc((count + 1) * sizeof *words->offset);
  if (!words->bytes || !words->begin || !words->length || !words->offset) {
    log_words_free(words);
    return NULL;
  }
  memcpy(words->bytes, bytes, total);
  uint32_t begin = 0;
  for (size_t i = 0; i < count; i++) {
    const uint8_t *word = words->bytes + begin;
    uint8_t bit = (uint8_t)(1u << (i % BUCKETS));
    words->begin[i] = begin;
    words->length[i] = lengths[i];
    words->offset[i] = rarest(word, lengths[i]);
    for (uint32_t place = 0; place < WIDTH; place++) {
      if (place >= lengths[i]) {
        // A short word says nothing of what follows it.
        for (int half = 0; half < 16; half++) words->low[place][half] |= bit, words->high[place][half] |= bit;
        continue;
      }
      uint8_t byte = word[words->offset[i] + place];
      uint8_t other = byte >= 'a' && byte <= 'z' ? byte & ~0x20 : byte;
      words->low[place][byte & 15] |= bit, words->high[place][byte >> 4] |= bit;
      words->low[place][other & 15] |= bit, words->high[place][other >> 4] |= bit;
    }
    begin += lengths[i];
  }
  return words;
}

void log_words_free(log_words *words) {
  if (!words) return;
  free(words->bytes);
  free(words->begin);
  free(words->length);
  free(words->offset);
  free(words);
}

// Whether a word of the buckets stands around the candidate; where it begins.
static bool verify(const log_words *words, const uint8_t *text, size_t size, size_t from, size_t candidate,
                   unsigned buckets, size_t *start, size_t *word) {
  while (buckets) {
    unsigned bucket = (unsigned)__builtin_ctz(buckets);
    buckets &= buckets - 1;
    for (size_t i = bucket; i < words->count; i += BUCKETS) {
      if (candidate < words->offset[i]) continue;
      size_t begin = candidate - words->offset[i];
      uint32_t length = words->length[i];
      if (begin < from || length > size - begin) continue;
      const uint8_t *wanted = words->bytes + words->begin[i];
      uint32_t same = 0;
      while (same < length && folded(text[begin + same]) == wanted[same]) same++;
      if (same == length) {
        *start = begin;
        *word = i;
        return true;
      }
    }
  }
  return false;
}

static size_t tail(const log_words *words, const uint8_t *text, size_t size, size_t from, size_t place, size_t *word) {
  size_t start;
  for (; place < size; place++) {
    unsigned buckets = words->low[0][text[place] & 15] & words->high[0][text[place] >> 4];
    for (size_t next = 1; buckets && next < WIDTH && place + next < size; next++) {
      uint8_t byte = text[place + next];
      buckets &= words->low[next][byte & 15] & words->high[next][byte >> 4];
    }
    if (buckets && verify(words, text, size, from, place, buckets, &start, word)) return start;
  }
  return size;
}

size_t log_words_next_portable(const log_words *words, const uint8_t *text, size_t size, size_t from, size_t *word) {
  return from < size && words->count ? tail(words, text, size, from, from, word) : size;
}

#if HAS_X86
// The first word at one of the places behind `place` whose bits are set in `hits`, by what each may begin; else `size`.
static inline size_t first(const log_words *words, const uint8_t *text, size_t size, size_t from, size_t place,
                           unsigned hits, const uint8_t *buckets, size_t *word) {
  for (; hits; hits &= hits - 1) {
    unsigned bit = (unsigned)__builtin_ctz(hits);
    size_t start;
    if (verify(words, text, size, from, place + bit, buckets[bit], &start, word)) return start;
  }
  return size;
}

__attribute__((target("ssse3"))) static size_t next_ssse3(const log_words *words, const uint8_t *text, size_t size,
                                                           size_t from, size_t *word) {
  const __m128i half = _mm_set1_epi8(15), none = _mm_setzero_si128();
  __m128i low[WIDTH], high[WIDTH];
  for (int place = 0; place < WIDTH; place++) {
    low[place] = _mm_loadu_si128((const __m128i *)words->low[place]);
    high[place] = _mm_loadu_si128((const __m128i *)words->high[place]);
  }
  size_t place = from;
  for (; place + 16 + WIDTH - 1 <= size; place += 16) {
    __m128i left = _mm_set1_epi8(-1);
    for (int next = 0; next < WIDTH; next++) {
      __m128i bytes = _mm_loadu_si128((const __m128i *)(text + place + next));
      __m128i lower = _mm_shuffle_epi8(low[next], _mm_and_si128(bytes, half));
      __m128i upper = _mm_shuffle_epi8(high[next], _mm_and_si128(_mm_srli_epi16(bytes, 4), half));
      left = _mm_and_si128(left, _mm_and_si128(lower, upper));
    }
    unsigned hits = ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(left, none)) & 0xFFFFu;
    if (__builtin_expect(hits == 0, 1)) continue;
    uint8_t buckets[16];
    _mm_storeu_si128((__m128i *)buckets, left);
    size_t start = first(words, text, size, from, place, hits, buckets, word);
    if (start < size) return start;
  }
  return tail(words, text, size, from, place, word);
}

__attribute__((target("avx2"))) static size_t next_avx2(const log_words *words, const uint8_t *text, size_t size,
                                                         size_t from, size_t *word) {
  const __m256i half = _mm256_set1_epi8(15), none = _mm256_setzero_si256();
  __m256i low[WIDTH], high[WIDTH];
  for (int place = 0; place < WIDTH; place++) {
    low[place] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)words->low[place]));
    high[place] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)words->high[place]));
  }
  size_t place = from;
  for (; place + 32 + WIDTH - 1 <= size; place += 32) {
    __m256i left = _mm256_set1_epi8(-1);
    for (int next = 0; next < WIDTH; next++) {
      __m256i bytes = _mm256_loadu_si256((const __m256i *)(text + place + next));
      __m256i lower = _mm256_shuffle_epi8(low[next], _mm256_and_si256(bytes, half));
      __m256i upper = _mm256_shuffle_epi8(high[next], _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half));
      left = _mm256_and_si256(left, _mm256_and_si256(lower, upper));
    }
    unsigned hits = ~(unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(left, none));
    if (__builtin_expect(hits == 0, 1)) continue;
    uint8_t buckets[32];
    _mm256_storeu_si256((__m256i *)buckets, left);
    size_t start = first(words, text, size, from, place, hits, buckets, word);
    if (start < size) return start;
  }
  return tail(words, text, size, from, place, word);
}
#endif

#if HAS_NEON
static size_t next_neon(const log_words *words, const uint8_t *text, size_t size, size_t from, size_t *word) {
  const uint8x16_t half = vdupq_n_u8(15);
  uint8x16_t low[WIDTH], high[WIDTH];
  for (int place = 0; place < WIDTH; place++) low[place] = vld1q_u8(words->low[place]), high[place] = vld1q_u8(words->high[place]);
  size_t place = from;
  for (; place + 16 + WIDTH - 1 <= size; place += 16) {
    uint8x16_t left = vdupq_n_u8(255);
    for (int next = 0; next < WIDTH; next++) {
      uint8x16_t bytes = vld1q_u8(text + place + next);
      uint8x16_t lower = vqtbl1q_u8(low[next], vandq_u8(bytes, half));
      uint8x16_t upper = vqtbl1q_u8(high[next], vshrq_n_u8(bytes, 4));
      left = vandq_u8(left, vandq_u8(lower, upper));
    }
    if (__builtin_expect(vmaxvq_u8(left) == 0, 1)) continue;
    uint8_t buckets[16];
    vst1q_u8(buckets, left);
    for (unsigned bit = 0; bit < 16; bit++) {
      size_t start;
      if (buckets[bit] && verify(words, text, size, from, place + bit, buckets[bit], &start, word)) return start;
    }
  }
  return tail(words, text, size, from, place, word);
}
#endif

const char *log_words_way(void) {
#if HAS_X86
  if (__builtin_cpu_supports("avx2")) return "avx2";
  if (__builtin_cpu_supports("ssse3")) return "ssse3";
#elif HAS_NEON
  return "neon";
#endif
  return "portable";
}

size_t log_words_next(const log_words *words, const uint8_t *text, size_t size, size_t from, size_t *word) {
  if (from >= size || !words->count) return size;
#if HAS_X86
  if (__builtin_cpu_supports("avx2")) return next_avx2(words, text, size, from, word);
  if (__builtin_cpu_supports("ssse3")) return next_ssse3(words, text, size, from, word);
#elif HAS_NEON
  return next_neon(words, text, size, from, word);
#endif
  return tail(words, text, size, from, from, word);
}
