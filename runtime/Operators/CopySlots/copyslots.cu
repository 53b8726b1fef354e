// Slot to[i] takes what slot from[i] holds at its first positions[i] positions. The cache is [block, slot, head, position, head size]; a block of
// threads has one head of one copy.
__global__ void copySlots(Cache* cache, const Token* from, const Token* to, const Token* positions, int slots, int heads, int capacity, int size) {
    int block = blockIdx.x / heads, head = blockIdx.x % heads, copy = blockIdx.y;
    long long elements = (long long)capacity * size, count = (long long)positions[copy] * size;
    const Cache* source = cache + (((long long)block * slots + from[copy]) * heads + head) * elements;
    Cache* target = cache + (((long long)block * slots + to[copy]) * heads + head) * elements;
    for (long long i = threadIdx.x; i < count; i += blockDim.x) target[i] = source[i];
}
