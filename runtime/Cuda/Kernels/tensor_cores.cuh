// Tensor cores and asynchronous copies, from sm_80 on: thin names for PTX instructions. Comes after the prelude.
// Layouts of the fragments: PTX ISA, "Warp Level Matrix Multiply-Accumulate Instructions". All 32 lanes of a warp take part.
#ifndef GPTGEN_TENSOR_CORES
#define GPTGEN_TENSOR_CORES

#ifndef GPTGEN_EMULATOR
// The 32-bit address that instructions on shared memory take.
DEVICE unsigned sharedAddress(const void* pointer) {
    unsigned address;
    asm("{ .reg .u64 t; cvta.to.shared.u64 t, %1; cvt.u32.u64 %0, t; }" : "=r"(address) : "l"(pointer));
    return address;
}
#endif

// d (16 x 8, f32) += a (16 x 16, rows contiguous) b (16 x 8, columns contiguous), inputs bf16 in pairs.
DEVICE void multiplyBf16(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
#ifdef GPTGEN_EMULATOR
    emulator_multiply_bf16(d, a, b);
#else
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

// d (16 x 8, f32) += a (16 x 8) b (8 x 8), inputs f32 of which 10 bits of the mantissa count; round them first for the nearest.
DEVICE void multiplyTf32(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
#ifdef GPTGEN_EMULATOR
    emulator_multiply_tf32(d, a, b);
#else
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

// Four 8 x 8 matrices of 16-bit elements from shared memory: lane i names row i % 8 (16 bytes) of matrix i / 8.
DEVICE void loadMatrices(unsigned (&fragment)[4], const void* row) {
#ifdef GPTGEN_EMULATOR
    emulator_load_matrices(fragment, row, false);
#else
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(fragment[0]), "=r"(fragment[1]), "=r"(fragment[2]), "=r"(fragment[3])
                 : "r"(sharedAddress(row))
                 : "memory");
#endif
}

// The same, each matrix transposed.
DEVICE void loadMatricesTransposed(unsigned (&fragment)[4], const void* row) {
#ifdef GPTGEN_EMULATOR
    emulator_load_matrices(fragment, row, true);
#else
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(fragment[0]), "=r"(fragment[1]), "=r"(fragment[2]), "=r"(fragment[3])
                 : "r"(sharedAddress(row))
                 : "memory");
#endif
}

// Starts a copy of 16 aligned bytes from global to shared memory; without `valid` zeros are written and nothing is read.
DEVICE void copyAsync16(void* shared, const void* global, bool valid = true) {
#ifdef GPTGEN_EMULATOR
    emulator_copy_async(shared, global, 16, valid ? 16 : 0);
#else
    int bytes = valid ? 16 : 0;
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(sharedAddress(shared)), "l"(global), "r"(bytes) : "memory");
#endif
}

// The same for 4 bytes.
DEVICE void copyAsync4(void* shared, const void* global, bool valid = true) {
#ifdef GPTGEN_EMULATOR
    emulator_copy_async(shared, global, 4, valid ? 4 : 0);
#else
    int bytes = valid ? 4 : 0;
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(sharedAddress(shared)), "l"(global), "r"(bytes) : "memory");
#endif
}

// Closes the group of the copies started since the last call.
DEVICE void commitCopies() {
#ifdef GPTGEN_EMULATOR
    emulator_copy_commit();
#else
    asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

// Waits until at most `Groups` of this thread's groups are under way. Other threads see the data after a barrier.
template <int Groups>
DEVICE void waitForCopies() {
#ifdef GPTGEN_EMULATOR
    emulator_copy_wait(Groups);
#else
    asm volatile("cp.async.wait_group %0;" ::"n"(Groups) : "memory");
#endif
}

#endif
