using System.Text.RegularExpressions;
using GptGen.Cuda.Kernels;
using GptGen.Cuda.Tests.Device;
using GptGen.Emulator;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

/// <summary>
/// Attention on tensor cores against the reference: heads of every size that has such kernels, lengths around those of the tiles. Heads of 64 in bf16
/// are those of Hopper's warpgroups, and of tensor cores where the GPU is older.
/// </summary>
public class TensorAttentionTests
{
    private const GpuPrecision Tf32 = GpuPrecision.TensorFloat32, Bf16 = GpuPrecision.BFloat16;

    [Theory]
    [InlineData(Tf32, 32, AttentionMask.Causal, true, 100)]
    [InlineData(Tf32, 64, AttentionMask.Full, true, 101)]
    [InlineData(Tf32, 80, AttentionMask.Causal, false, 65)]
    [InlineData(Tf32, 128, AttentionMask.Causal, true, 68)]
    [InlineData(Bf16, 32, AttentionMask.Full, true, 99)]
    [InlineData(Bf16, 64, AttentionMask.Causal, true, 132)]
    [InlineData(Bf16, 80, AttentionMask.Full, true, 68)]
    [InlineData(Bf16, 96, AttentionMask.Causal, false, 65)]
    [InlineData(Bf16, 128, AttentionMask.Causal, false, 65)]
    public void Training(GpuPrecision precision, int headSize, AttentionMask mask, bool drop, int length)
    {
        using var machine = new TestMachine();
        Compare(machine, precision, (device, memory) => AttentionCase.Train(device, memory, headSize, mask, drop, length, [length, length / 3, 0]));
    }

    [Theory]
    [InlineData(Tf32)]
    [InlineData(Bf16)]
    public void TrainingAtLengths(GpuPrecision precision)
    {
        using var machine = new TestMachine();
        foreach (var length in (int[])[1, 2, 63, 64, 65, 257])
        {
            Compare(
                machine, precision,
                (device, memory) => AttentionCase.Train(device, memory, 64, AttentionMask.Causal, drop: false, length, [length]));
        }
    }

    /// <summary>Other lengths of queries than of keys, and heads that share keys. Rows that begin at odd places are for ordinary cores.</summary>
    [Theory]
    [InlineData(Tf32, "cross")]
    [InlineData(Bf16, "causal, more queries, aligned")]
    [InlineData(Bf16, "grouped by two")]
    [InlineData(Bf16, "causal, more keys")]
    public void Slices(GpuPrecision precision, string name)
    {
        var slices = AttentionSlices.Long[name];
        using var machine = new TestMachine();
        var (forward, backward) = Limits(precision);
        OperatorComparison.VerifyNorms(
            () => machine.Open(precision), [forward, forward, backward, backward, backward],
            device => slices.Run<Width32>(device, slices.Inputs(Width32.Size), Rounded(precision)));
    }

    [Theory]
    [InlineData("cross")]
    [InlineData("causal, more queries, aligned")]
    [InlineData("grouped by two")]
    [InlineData("causal, more keys")]
    public void SlicesOnWarpgroups(string name)
    {
        var slices = AttentionSlices.Long[name];
        using var machine = new TestMachine();
        var (forward, backward) = Limits(Bf16);
        OperatorComparison.VerifyNorms(
            () => machine.Open(Bf16), [forward, forward, backward, backward, backward],
            device => slices.Run<Double<Width32>>(device, slices.Inputs(2 * Width32.Size), Rounded(Bf16)));
    }

    [Theory]
    [InlineData(AttentionMask.Causal, true, 132)]
    [InlineData(AttentionMask.Full, false, 200)]
    public void OlderGpusHaveNoWarpgroups(AttentionMask mask, bool drop, int length)
    {
        using var machine = new TestMachine(("CAPABILITY", "8.6"));
        Compare(machine, Bf16, (device, memory) => AttentionCase.Train(device, memory, 64, mask, drop, length, [length, length / 3, 0]));
    }

    [Fact]
    public void OddAddressesAreForOrdinaryCores()
    {
        using var machine = new TestMachine();
        OperatorComparison.Verify(
            () => machine.Open(Tf32),
            static (device, memory) => AttentionCase.Train(device, memory, 64, AttentionMask.Causal, drop: true, 70, [70, 40], shift: 1));
    }

    [Theory]
    [InlineData(Tf32, 64, AttentionMask.Causal, true, 100)]
    [InlineData(Bf16, 64, AttentionMask.Causal, true, 131)]
    [InlineData(Bf16, 64, AttentionMask.Full, false, 200)]
    [InlineData(Bf16, 96, AttentionMask.Causal, true, 131)]
    [InlineData(Bf16, 128, AttentionMask.Full, false, 70)]
    public void TrainingHasNoRace(GpuPrecision precision, int headSize, AttentionMask mask, bool drop, int length)
    {
        using var machine = new TestMachine(("CHECK", "1"));
        OperatorComparison.Run(
            machine.Open(precision),
            (device, memory) => AttentionCase.Train(device, memory, headSize, mask, drop, length, [length, length / 3, 0]));
        TestTarget.AssertNothingReported();
    }

    [Fact]
    public void SharedKeysHaveNoRace()
    {
        var slices = AttentionSlices.Long["grouped by two"];
        using var machine = new TestMachine(("CHECK", "1"));
        using (var device = machine.Open(Bf16))
            slices.Run<Width32>(device, slices.Inputs(Width32.Size), Rounded(Bf16));
        TestTarget.AssertNothingReported();
    }

    [Theory]
    [InlineData("sm_80", Tf32, "m16n8k8.row.col.f32.tf32.tf32.f32")]
    [InlineData("sm_90a", Bf16, "m16n8k16.row.col.f32.bf16.bf16.f32")]
    [InlineData("sm_90a", Bf16, "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16")]
    public void KernelsCompileForARealArchitecture(string architecture, GpuPrecision precision, string product)
    {
        Assert.SkipWhen(PtxCompiler.Unavailable(architecture) is not null, PtxCompiler.Unavailable(architecture) ?? "");
        var types = new GpuElementTypes(precision);
        AttentionPlan[] plans =
        [
            new(32, AttentionMask.Full, 0, types.TensorBytes, false),
            new(64, AttentionMask.Causal, 1, types.TensorBytes, product.StartsWith("wgmma", StringComparison.Ordinal)),
            new(128, AttentionMask.Causal, 0, types.TensorBytes, false),
        ];
        List<KernelKey> kernels = [.. plans.SelectMany(static plan => (KernelKey[])[
            plan.Forward.Kernel, plan.BackwardQueries.Kernel, plan.BackwardKeys.Kernel])];
        var result = PtxCompiler.Compile(
            KernelInstances.Text(kernels), architecture, types.Defines.Select(static define => $"{define.Name}={define.Value}"));
        Assert.Equal("", result.Messages);
        Assert.Equal(kernels.Count, Regex.Count(result.Ptx!, @"\.entry \w+\("));
        foreach (var instruction in (string[])[product, "ldmatrix.sync", "cp.async.cg", "cp.async.ca", "ex2.approx"])
            Assert.Contains(instruction, result.Ptx);
        // What a function calls, or what lies in memory of a thread, would be no loop of products any more.
        Assert.DoesNotContain("call.uni", result.Ptx);
        Assert.DoesNotContain(".local", result.Ptx);
    }

    /// <summary>Every GPU from compute capability 8.0 on gives a block as much, and rows of tiles begin at 16 bytes.</summary>
    [Fact]
    public void TilesFitIntoSharedMemory()
    {
        foreach (var headSize in Enumerable.Range(1, 256).Where(TensorTiles.Serve))
            foreach (var bytes in (int[])[2, 4])
            {
                var tiles = new TensorTiles(headSize, bytes);
                foreach (var taken in (int[])[tiles.ForwardBytes, tiles.BackwardQueriesBytes, tiles.BackwardKeysBytes])
                    Assert.InRange(taken, 1, 99 * 1024);
            }
    }

    /// <summary>Outputs and log-sum-exps, then gradients. TF32 keeps 10 bits, bf16 7.</summary>
    private static (double Forward, double Backward) Limits(GpuPrecision precision) => precision == Bf16 ? (4e-3, 1e-2) : (5e-4, 1e-3);

    private static void Compare(TestMachine machine, GpuPrecision precision, Func<GptGen.Device, TestMemory, Location[]> run)
    {
        var (forward, backward) = Limits(precision);
        OperatorComparison.VerifyNorms(
            () => machine.Open(precision), [forward, forward, backward], device => OperatorComparison.Run(device, run, Rounded(precision)));
    }

    /// <summary>The roles whose numbers begin as bf16.</summary>
    internal static Func<BufferRole, bool> Rounded(GpuPrecision precision)
    {
        var types = new GpuElementTypes(precision);
        return role => types.Size(role) == 2;
    }

    private readonly struct Width32 : IDimension
    {
        public static int Size => 32;

        public static int Stored => 32;
    }
}
