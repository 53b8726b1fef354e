// What a block of attention's kernels is given, and which keys its queries see.
namespace attention {

constexpr int Threads = 128;

// How many keys, counted from `firstKey`, a query sees (if positive). With a causal mask the last query stands at the last key: `shift` is the number
// of keys less that of queries.
template <int Causal>
DEVICE int visibleKeys(int query, int keyCount, int shift, int firstKey) { return (Causal ? min(query + 1 + shift, keyCount) : keyCount) - firstKey; }

// Where the keys end that the queries before `lastQuery` see, at most (if positive).
template <int Causal>
DEVICE int endOfKeys(int lastQuery, int keyCount, int shift) { return Causal ? min(keyCount, lastQuery + shift) : keyCount; }

// Rows of queries, keys and values: each begins `stride` elements after the one before, and each sequence has `length` of them. There are `heads`
// query heads; `group` of them share a key head.
#define ATTENTION_PARAMETERS int queryStride, int keyStride, int valueStride, int queryLength, int keyLength, int heads, int group, float scale

// The dropout's element of a query and a key; `item` is sequence x heads + head.
DEVICE unsigned long long elementOf(int item, int query, int key, int queryLength, int keyLength) {
    return ((unsigned long long)item * (unsigned)queryLength + (unsigned)query) * (unsigned)keyLength + (unsigned)key;
}

}  // namespace attention
