// Four neighbouring numbers of a row whose size or place may be odd. Comes after the prelude.
#ifndef GPTGEN_QUADS
#define GPTGEN_QUADS

// Whether quads of every row can be read at once: rows follow each other by multiples of `size`.
template <class T>
DEVICE bool isVector(const T* address, int size) { return size % 4 == 0 && (unsigned long long)address % (4 * sizeof(T)) == 0; }

// The same where rows follow each other by multiples of `stride`, which their size need not divide.
template <class T>
DEVICE bool isVector(const T* address, int size, int stride) { return isVector(address, size) && stride % 4 == 0; }

// Numbers of a row from `column` on, a multiple of four. Without `vector` they come one by one, `beyond` instead of those from `end` on.
template <class T>
DEVICE float4 loadQuad(const T* row, int column, int end, bool vector, float beyond = 0.0f) {
    if (vector) return load4(row + column);
    return make_float4(column < end ? toFloat(row[column]) : beyond, column + 1 < end ? toFloat(row[column + 1]) : beyond,
                       column + 2 < end ? toFloat(row[column + 2]) : beyond, column + 3 < end ? toFloat(row[column + 3]) : beyond);
}

template <class T>
DEVICE void storeQuad(T* row, int column, int end, float4 value, bool vector) {
    if (vector) {
        store4(row + column, value);
        return;
    }
    if (column < end) assign(row[column], value.x);
    if (column + 1 < end) assign(row[column + 1], value.y);
    if (column + 2 < end) assign(row[column + 2], value.z);
    if (column + 3 < end) assign(row[column + 3], value.w);
}

#endif
