using GptGen.Emulator;
using Xunit;
using static GptGen.Cuda.Tests.Emulator.RawCuda;

namespace GptGen.Cuda.Tests.Emulator;

/// <summary>Hopper's asynchronous products of a warpgroup: their numbers against sums in double, and each mistake of a kernel with them.</summary>
public class WarpgroupTests
{
    private const int Rows = 64, Depth = 64, Threads = 128, MaximumDynamicShared = 8;

    // C (64 x COLUMNS) = A (64 x 64) B, four products of 16 along k; B (64 x COLUMNS) is given as it is where `across`, or else by columns. Each
    // warpgroup of the block does it for itself. Tiles have 64 rows of 128 bytes. MISTAKE picks one; 0 is the right kernel.
    private const string Source = """
        typedef unsigned short bits;

        // The swizzle of 128-byte rows, by the definition of its pattern: chunk c of row r lies at c ^ (r % 8).
        __device__ bits* place(bits* tile, int row, int column) { return tile + row * 64 + ((column / 8) ^ (row % 8)) * 8 + column % 8; }

        __device__ void copyTile(bits* tile, const bits* source, int stride, bool store) {
            for (int i = threadIdx.x % 128; i < 512; i += 128) {
                bits* target = place(tile, i / 8, i % 8 * 8);
                const bits* from = source + i / 8 * stride + i % 8 * 8;
                if (store) for (int j = 0; j < 8; j++) target[j] = from[j];
                else emulator_copy_async(target, from, 16, 16);
            }
        }

        extern "C" __global__ void product(const bits* a, const bits* b, float* c, int inRegisters, int across, int keepFirst) {
            extern __shared__ __align__(1024) bits tiles[];
            const int columns = COLUMNS, thread = threadIdx.x % 128, group = threadIdx.x / 128;
            bits *left = tiles + group * (64 + columns) * 64, *right = left + 64 * 64;
            copyTile(left, a, 64, STORED);
            for (int n = 0; n < columns; n += 64) copyTile(right + n * 64, across ? b + n : b + n * 64, across ? columns : 64, STORED);
            emulator_copy_commit();
            emulator_copy_wait(0);
        #if MISTAKE == 1  // a tile that is not visible to the tensor core
        #elif MISTAKE == 2  // the fence behind the barrier
            __syncthreads();
            emulator_proxy_fence();
        #else
            emulator_proxy_fence();
        #endif
        #if MISTAKE != 2 && MISTAKE != 3  // 3: no barrier
            __syncthreads();
        #endif
            float d[columns / 2];
            for (int i = 0; i < columns / 2; i++) d[i] = 1;
        #if MISTAKE == 4
            if (threadIdx.x == 70) return;
        #endif
        #if MISTAKE != 5  // else: no fence in front of the first product
            emulator_group_fence();
        #endif
            unsigned long long leftTile = emulator_group_tile(left), rightTile = emulator_group_tile(right);
            if (across) rightTile |= 64 * 128ull >> 4 << 16;
        #if MISTAKE == 6  // a swizzle of 64 bytes
            rightTile ^= 3ull << 62;
        #elif MISTAKE == 7  // a tile within the pattern
            rightTile += 128 >> 4;
        #elif MISTAKE == 8  // beyond the memory
            rightTile += 32768 >> 4;
        #endif
            for (int k = 0; k < 4; k++) {
                unsigned registers[4];
                for (int i = 0; i < 4; i++) {
                    int row = thread / 32 * 16 + thread % 32 / 4 + i % 2 * 8, column = k * 16 + thread % 4 * 2 + i / 2 * 8;
                    registers[i] = a[row * 64 + column] | (unsigned)a[row * 64 + column + 1] << 16;
                }
                bool keep = keepFirst || k > 0;
                unsigned long long step = rightTile + k * (across ? 128 : 2);
        #if MISTAKE == 9  // another argument
                if (k == 2 && thread == 5) step += 2;
        #elif MISTAKE == 10  // other lines
                if (thread < 32) emulator_group_multiply(d, columns, keep, 0, leftTile + k * 2, step, across);
                else
        #elif MISTAKE == 11  // a commit of some threads
                if (k == 2 && thread < 32) emulator_group_commit();
        #elif MISTAKE == 12  // sums that came back are used without a fence
                if (k == 2) { emulator_group_commit(); emulator_group_wait(0); }
        #elif MISTAKE == 13  // sums are changed in flight
                if (k == 2) d[3] = 0;
        #endif
                emulator_group_multiply(d, columns, keep, inRegisters ? registers : 0, leftTile + k * 2, step, across);
            }
            emulator_group_commit();
        #if MISTAKE == 14  // a tile of a product in flight gets new numbers
            __syncthreads();
            if (thread == 9) *place(right, 17, 33) ^= 1;
            __syncthreads();
        #elif MISTAKE == 15  // the same number as before, so that only the checker can tell
            volatile bits* same = place(right, 17, 33);
            if (thread == 9) *same = *same;
        #endif
        #if MISTAKE == 16  // the group may still be in flight
            emulator_group_wait(1);
        #elif MISTAKE != 17  // else: nobody waits
            emulator_group_wait(0);
        #endif
            for (int i = 0; i < columns / 2; i++)
                c[(group * 64 + thread / 32 * 16 + thread % 32 / 4 + i / 2 % 2 * 8) * columns + i / 4 * 8 + thread % 4 * 2 + i % 2] = d[i];
        #if MISTAKE == 16
            emulator_group_wait(0);
        #endif
        }

        #ifdef STAGES
        // C (128 x 64) = A (128 x 256) B (256 x 64, by columns): the copies of the next 64 of k run beside the products of the last.
        extern "C" __global__ void stages(const bits* a, const bits* b, float* c) {
            extern __shared__ __align__(1024) bits tiles[];
            const int thread = threadIdx.x % 128, group = threadIdx.x / 128, tile = 64 * 64;
            auto copy = [&](int step) {
                bits* stage = tiles + step % STAGES * 3 * tile;
                copyTile(stage + group * tile, a + group * 64 * 256 + step * 64, 256, false);
                if (group == step % 2) copyTile(stage + 2 * tile, b + step * 64, 256, false);
                emulator_copy_commit();
            };
            float d[32];
            copy(0);
            for (int step = 0; step < 4; step++) {
                emulator_copy_wait(0);
                emulator_proxy_fence();
                __syncthreads();
                if (step < 3) copy(step + 1);
                bits* stage = tiles + step % STAGES * 3 * tile;
                unsigned long long left = emulator_group_tile(stage + group * tile), right = emulator_group_tile(stage + 2 * tile);
                emulator_group_fence();
                for (int k = 0; k < 4; k++) emulator_group_multiply(d, 64, step + k > 0, 0, left + 2 * k, right + 2 * k, false);
                emulator_group_commit();
                emulator_group_wait(1);
            }
            emulator_group_wait(0);
            for (int i = 0; i < 32; i++)
                c[(group * 64 + thread / 32 * 16 + thread % 32 / 4 + i / 2 % 2 * 8) * 64 + i / 4 * 8 + thread % 4 * 2 + i % 2] = d[i];
        }
        #endif
        """;

    /// <summary>Columns; the left operand from registers; the right one across; sums kept; checked.</summary>
    public static MatrixTheoryData<int, bool, bool, bool, string> Products => new([64, 128], [false, true], [false, true], [false, true], ["0", "1"]);

    [Theory]
    [MemberData(nameof(Products))]
    public void A_product_agrees_with_the_sums_in_double(int columns, bool registers, bool across, bool keep, string check)
    {
        var run = RunKernel(columns, registers, across, keep, check, groups: 2);
        Assert.Equal((0, ""), (run.Status, run.Reports));
        run.AssertRight();
    }

    [Theory]
    [InlineData(1, "0", "reads what thread")]
    [InlineData(2, "0", "reads what thread")]
    [InlineData(3, "1", "read of shared memory that nobody has written")]
    [InlineData(4, "0", "a thread of its warpgroup has returned")]
    [InlineData(5, "0", "no fence since its registers were last used otherwise")]
    [InlineData(6, "0", "swizzle 2 of a descriptor")]
    [InlineData(7, "0", "must be a multiple of 1024, or 32, 64 or 96 behind one")]
    [InlineData(8, "0", "reaches outside the dynamic shared memory")]
    [InlineData(9, "0", "the threads of its warpgroup differ")]
    [InlineData(10, "0", "the threads of its warpgroup differ")]
    [InlineData(11, "0", "the threads of its warpgroup differ")]
    [InlineData(12, "0", "no fence since its registers were last used otherwise")]
    [InlineData(13, "0", "its sums were written before the product was waited for")]
    [InlineData(14, "0", "its tile was overwritten before the product was waited for")]
    [InlineData(15, "1", "race: write after a read by thread")]
    [InlineData(17, "0", "the kernel ends without having waited for it")]
    public void A_mistake_is_found_and_placed(int mistake, string check, string finding)
    {
        var run = RunKernel(64, registers: false, across: false, keep: false, check, mistake: mistake);
        Assert.Equal(719, run.Status);
        Assert.Contains(finding, run.Reports);
        Assert.Matches(@"\[kernel product, block \(0,0,0\), thread \(\d+,0,0\)\]", run.Reports);
    }

    [Fact]
    public void A_plain_store_without_a_proxy_fence_is_found_by_the_checker()
    {
        Assert.Contains("reads what thread", RunKernel(64, false, false, false, "1", mistake: 1, stored: true).Reports);
        Assert.Equal("", RunKernel(64, false, false, false, "1", stored: true).Reports);
    }

    [Fact]
    public void Sums_are_not_there_before_the_wait()
    {
        var run = RunKernel(64, registers: true, across: true, keep: false, "0", mistake: 16);
        Assert.All(run.Sums, static sum => Assert.True(float.IsNaN(sum)));
    }

    [Fact]
    public void A_block_has_whole_warpgroups_and_the_device_knows_them()
    {
        Assert.Contains("the block ends within its warpgroup", RunKernel(64, false, false, false, "0", threads: 96).Reports);
        Assert.Contains("only devices of compute capability 9.0", RunKernel(64, false, false, false, "0", capability: "8.0").Reports);
    }

    /// <summary>Copies, two warpgroups' products and barriers overlap; with a stage less, one group overwrites what the other still reads.</summary>
    [Theory]
    [InlineData(3, "0", "")]
    [InlineData(3, "1", "")]
    [InlineData(2, "0", "its tile was overwritten before the product was waited for")]
    public void Stages_are_filled_while_products_read_others(int stages, string check, string finding)
    {
        const int Length = 256, Both = 2 * Rows;
        using var cuda = new RawCuda(("CHECK", check));
        var random = new Random(stages);
        ushort[] left = Draw(random, Both * Length), right = Draw(random, Rows * Length);
        var kernel = cuda.Kernel(Source, "stages", ["-DCOLUMNS=64", "-DMISTAKE=0", "-DSTORED=0", $"-DSTAGES={stages}"]);
        var sums = cuda.Allocate(Both * Rows * sizeof(float));
        var shared = stages * 3 * Rows * Depth * sizeof(ushort);
        Check(Call("cuFuncSetAttribute", kernel, MaximumDynamicShared, shared));
        Check(Launch(kernel, (1, 1), 2 * Threads, shared, 0, cuda.Upload<ushort>(left), cuda.Upload<ushort>(right), sums));
        Assert.Equal(finding.Length > 0 ? 719 : 0, Call("cuCtxSynchronize"));
        Assert.Contains(finding, CudaEmulator.Reports);
        if (finding.Length > 0)
            return;
        var result = Download<float>(sums, Both * Rows);
        for (var i = 0; i < result.Length; i++)
        {
            var expected = Enumerable.Range(0, Length).Sum(k => Widen(left[i / Rows * Length + k]) * Widen(right[i % Rows * Length + k]));
            Assert.Equal(expected, result[i], 1e-5);
        }
    }

    private static ushort[] Draw(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (ushort)(BitConverter.SingleToUInt32Bits(random.NextSingle() - 0.5f) >> 16))];

    private static double Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    private static Outcome RunKernel(
        int columns, bool registers, bool across, bool keep, string check, int mistake = 0, int groups = 1, bool stored = false, int? threads = null,
        string capability = "9.0")
    {
        using var cuda = new RawCuda(("CHECK", check), ("CAPABILITY", capability));
        static int Flag(bool value) => value ? 1 : 0;
        string[] options = [$"-DCOLUMNS={columns}", $"-DMISTAKE={mistake}", $"-DSTORED={Flag(stored)}"];
        var random = new Random(columns);
        ushort[] left = Draw(random, Rows * Depth), right = Draw(random, Depth * columns);
        var kernel = cuda.Kernel(Source, "product", options);
        var sums = cuda.Upload<float>(new float[groups * Rows * columns]);
        var shared = groups * (Rows + columns) * Depth * sizeof(ushort);
        Check(Call("cuFuncSetAttribute", kernel, MaximumDynamicShared, shared));
        Check(
            Launch(
                kernel, (1, 1), threads ?? groups * Threads, shared, 0, cuda.Upload<ushort>(left), cuda.Upload<ushort>(right), sums, Flag(registers),
                Flag(across), Flag(keep)));
        var status = Call("cuCtxSynchronize");
        var reports = CudaEmulator.Reports;
        CudaEmulator.Reset();
        return new(status, reports, Download<float>(sums, groups * Rows * columns), left, right, columns, across, keep);
    }

    private sealed record Outcome(int Status, string Reports, float[] Sums, ushort[] Left, ushort[] Right, int Columns, bool Across, bool Keep)
    {
        public void AssertRight()
        {
            for (var i = 0; i < Sums.Length; i++)
            {
                int row = i / Columns % Rows, column = i % Columns;
                var expected = Enumerable.Range(0, Depth).Sum(
                    k => Widen(Left[row * Depth + k]) * Widen(Across ? Right[k * Columns + column] : Right[column * Depth + k]));
                Assert.Equal(expected + (Keep ? 1 : 0), Sums[i], 1e-5);
            }
        }
    }
}
