using Xunit;
using static GptGen.Cuda.Tests.Emulator.RawCuda;

namespace GptGen.Cuda.Tests.Emulator;

/// <summary>
/// Each warp collective against what the programming guide says of it, lane by lane, for 40 threads: one whole warp and a quarter of one.
/// </summary>
public class CollectiveTests
{
    private const int Threads = 40;

    private const string Source = """
        #define COLLECTIVE(name, expression)                                        \
            extern "C" __global__ void name(const int* in, int* out) {              \
                int lane = threadIdx.x & 31, v = in[threadIdx.x];                   \
                unsigned all = threadIdx.x < 32 ? 0xffffffffu : 0x000000ffu;        \
                (void)lane; (void)all;                                              \
                out[threadIdx.x] = (int)(expression);                               \
            }
        COLLECTIVE(shfl, __shfl_sync(all, v, (lane * 5 + 3) & 7))
        COLLECTIVE(shfl8, __shfl_sync(all, v, lane + 3, 8))
        COLLECTIVE(shflxor, __shfl_xor_sync(all, v, 5))
        COLLECTIVE(shflup, __shfl_up_sync(all, v, 3))
        COLLECTIVE(shflup4, __shfl_up_sync(all, v, 1, 4))
        COLLECTIVE(shfldown, __shfl_down_sync(all, v, 2, 8))
        COLLECTIVE(ballot, __ballot_sync(all, v > 0))
        COLLECTIVE(any, __any_sync(all, v == 7))
        COLLECTIVE(every, __all_sync(all, v > -100))
        COLLECTIVE(match, __match_any_sync(all, v & 3))
        COLLECTIVE(add, __reduce_add_sync(all, v))
        COLLECTIVE(least, __reduce_min_sync(all, v))
        COLLECTIVE(most, __reduce_max_sync(all, v))
        COLLECTIVE(both, __reduce_and_sync(all, (unsigned)v))
        COLLECTIVE(either, __reduce_or_sync(all, (unsigned)v))
        COLLECTIVE(odd, __reduce_xor_sync(all, (unsigned)v))
        COLLECTIVE(count, __syncthreads_count(v > 0))
        COLLECTIVE(blockor, __syncthreads_or(v == 7))
        COLLECTIVE(blockand, __syncthreads_and(v > -100))

        // Two halves of a warp, each with a mask of its own, the second after a branch.
        extern "C" __global__ void halves(const int* in, int* out) {
            int v = in[threadIdx.x];
            if (threadIdx.x >= 32) out[threadIdx.x] = -1;
            else if (threadIdx.x < 16) out[threadIdx.x] = __reduce_add_sync(0x0000ffffu, v);
            else out[threadIdx.x] = __shfl_xor_sync(0xffff0000u, v, 1);
        }
        """;

    private static int[] Input { get; } = [.. Enumerable.Range(0, Threads).Select(i => i * 37 % 41 - 20)];

    /// <summary>What a lane of a warp should see; a function of the warp's values and the lane.</summary>
    public static TheoryData<string, Func<int[], int, int>> Cases => new()
    {
        { "shfl", (w, lane) => w[(lane * 5 + 3) & 7] },
        { "shfl8", (w, lane) => w[lane / 8 * 8 + (lane + 3) % 8] },
        { "shflxor", (w, lane) => w[lane ^ 5] },
        { "shflup", (w, lane) => w[lane >= 3 ? lane - 3 : lane] },
        { "shflup4", (w, lane) => w[lane % 4 >= 1 ? lane - 1 : lane] },
        { "shfldown", (w, lane) => w[lane % 8 + 2 < 8 ? lane + 2 : lane] },
        { "ballot", (w, _) => Bits(w, v => v > 0) },
        { "any", (w, _) => w.Contains(7) ? 1 : 0 },
        { "every", (_, _) => 1 },
        { "match", (w, lane) => Bits(w, v => (v & 3) == (w[lane] & 3)) },
        { "add", (w, _) => w.Sum() },
        { "least", (w, _) => w.Min() },
        { "most", (w, _) => w.Max() },
        { "both", (w, _) => w.Aggregate((a, b) => a & b) },
        { "either", (w, _) => w.Aggregate((a, b) => a | b) },
        { "odd", (w, _) => w.Aggregate((a, b) => a ^ b) },
        { "count", (_, _) => Input.Count(v => v > 0) },
        { "blockor", (_, _) => Input.Contains(7) ? 1 : 0 },
        { "blockand", (_, _) => 1 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_collective_gives_each_lane_its_value(string kernel, Func<int[], int, int> expected)
    {
        Assert.Equal(Threads, Input.Length);
        var output = RunKernel(kernel);
        for (var thread = 0; thread < Threads; thread++)
        {
            var warp = Input[(thread / 32 * 32)..Math.Min(Threads, thread / 32 * 32 + 32)];
            Assert.Equal(expected(warp, thread % 32), output[thread]);
        }
    }

    [Fact]
    public void Lanes_of_different_masks_do_not_wait_for_each_other()
    {
        var output = RunKernel("halves");
        for (var lane = 0; lane < 32; lane++)
            Assert.Equal(lane < 16 ? Input[..16].Sum() : Input[lane ^ 1], output[lane]);
    }

    private static int[] RunKernel(string name)
    {
        using var cuda = new RawCuda();
        var output = cuda.Allocate(4 * Threads);
        Check(Run(cuda.Kernel(Source, name), 1, Threads, cuda.Upload<int>(Input), output));
        return Download<int>(output, Threads);
    }

    private static int Bits(int[] warp, Func<int, bool> predicate) =>
        (int)warp.Select((value, lane) => predicate(value) ? 1u << lane : 0).Aggregate(0u, (a, b) => a | b);
}
