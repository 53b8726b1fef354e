// The tensor core's instructions: each lane gives its registers, and each computes its part of the result from all of them.
// Layouts of the fragments: PTX ISA, "Warp Level Matrix Multiply-Accumulate Instructions".
#pragma once

static inline unsigned emulator_register(const EmulatorExchange* exchange, int lane, int index) {
    return ((const unsigned*)exchange->slots[lane])[index];
}

// ldmatrix .x4: lane i gives the address of row i % 8 of matrix i / 8, and gets of each matrix two elements of row lane / 4.
static inline void emulator_load_matrices(unsigned (&fragment)[4], const void* row, bool transposed, EMULATOR_LINE) {
    const EmulatorExchange* exchange = emulator_gather(0xffffffffu, &row, sizeof row, EmulatorMatrix, line);
    int lane = emulator_lane(), outer = lane >> 2, inner = (lane & 3) * 2;
    for (int matrix = 0; matrix < 4; matrix++) {
        unsigned halves[2];
        for (int i = 0; i < 2; i++) {
            int r = transposed ? inner + i : outer, c = transposed ? outer : inner + i;
            halves[i] = (*(const unsigned short* const*)exchange->slots[matrix * 8 + r])[c];
        }
        fragment[matrix] = halves[0] | halves[1] << 16;
    }
}

// mma.m16n8k16 with 16-bit inputs, whose bits `convert` turns into a float.
template <class Convert>
static inline void emulator_multiply_16bit(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2], Convert convert, int line) {
    unsigned given[6] = {a[0], a[1], a[2], a[3], b[0], b[1]};
    const EmulatorExchange* exchange = emulator_gather(0xffffffffu, given, sizeof given, EmulatorMatrix, line);
    auto half = [&](int lane, int index, int odd) { return convert((unsigned short)(emulator_register(exchange, lane, index) >> (16 * odd))); };
    int lane = emulator_lane();
    for (int i = 0; i < 4; i++) {
        int row = (lane >> 2) + (i >> 1) * 8, column = (lane & 3) * 2 + (i & 1);
        float sum = d[i];
        for (int k = 0; k < 16; k++) {
            float left = half((row & 7) * 4 + ((k & 7) >> 1), (row >> 3) + (k >> 3) * 2, k & 1);
            float right = half(column * 4 + ((k & 7) >> 1), 4 + (k >> 3), k & 1);
            sum += left * right;
        }
        d[i] = sum;
    }
}

static inline void emulator_multiply_bf16(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2], EMULATOR_LINE) {
    emulator_multiply_16bit(d, a, b, [](unsigned short bits) { return __uint_as_float((unsigned)bits << 16); }, line);
}

// mma.m16n8k8 with TF32 inputs: of each f32 the lowest 13 bits are not read.
static inline void emulator_multiply_tf32(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2], EMULATOR_LINE) {
    unsigned given[6] = {a[0], a[1], a[2], a[3], b[0], b[1]};
    const EmulatorExchange* exchange = emulator_gather(0xffffffffu, given, sizeof given, EmulatorMatrix, line);
    auto value = [&](int lane, int index) { return __uint_as_float(emulator_register(exchange, lane, index) & 0xffffe000u); };
    int lane = emulator_lane();
    for (int i = 0; i < 4; i++) {
        int row = (lane >> 2) + (i >> 1) * 8, column = (lane & 3) * 2 + (i & 1);
        float sum = d[i];
        for (int k = 0; k < 8; k++)
            sum += value((row & 7) * 4 + (k & 3), (row >> 3) + (k >> 2) * 2) * value(column * 4 + (k & 3), 4 + (k >> 2));
        d[i] = sum;
    }
}
