using GptGen.Cuda.Tests.Device;
using GptGen.Emulator;
using GptGen.Reference;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

// Faults of attention on tensor cores.
public partial class PlantedFaultTests
{
    private const string Fragments = "attention_fragments.cuh";
    private const string TensorForward = "attention_tensor.cu";
    private const string TensorBackward = "attention_tensor_backward.cu";

    [Theory]
    [InlineData(Fragments, "lane / 8 % 2 * TileRow", "lane / 16 * TileRow")]                          // another part of the keys
    [InlineData(Fragments, "odd ? query + 8 : query", "query")]                                   // another element's dropout word
    [InlineData(Fragments, "trade(drawn.y, drawn.w, 8);", "")]
    [InlineData(TensorForward, "float factor = scale * Log2OfE", "float factor = scale")]
    [InlineData(Fragments, "sums[block][column][2 * half] *= correction;", "")]
    [InlineData(TensorForward, "firstKey + Keys > wholeEnd", "firstKey > wholeEnd")]                // a missing mask
    [InlineData(TensorForward, "firstKey >= ownEnd", "firstKey + Keys >= ownEnd")]
    [InlineData(TensorBackward, "score * (gradient - delta)", "score * gradient")]
    [InlineData(TensorBackward, "keySums[block], 2 * half, scale", "keySums[block], 2 * half, 1.0f")]
    [InlineData(TensorBackward, "if (Drop) keepElements(weights, mask, drawn);", "")]
    [InlineData(TensorBackward, "> firstQuery + columnOfElement(column, i) + shift)", ">= firstQuery + columnOfElement(column, i) + shift)")]
    public void Attention_on_tensor_cores_with_a_fault_differs_from_the_reference(string file, string right, string wrong) =>
        Assert.True(!(TensorDistance(GpuPrecision.BFloat16, file, right, wrong, static (device, memory) =>
            AttentionCase.Train(device, memory, 32, AttentionMask.Causal, drop: true, 132, [132, 40])) <= 2e-2));

    /// <summary>What TF32 has its own text for; without rounding the error is four times the limit that the comparison allows.</summary>
    [Theory]
    [InlineData("own[i % 2 * Stride + i / 2 * 8]", "own[i / 2 * Stride + i % 2 * 8]")]
    [InlineData("bits + 0x1000u", "bits")]
    [InlineData("wordOf(mask, left + 8)", "wordOf(mask, left)")]
    public void Attention_by_Tf32_with_a_fault_differs_from_the_reference(string right, string wrong) =>
        Assert.True(!(TensorDistance(GpuPrecision.TensorFloat32, Fragments, right, wrong, static (device, memory) =>
            AttentionCase.Train(device, memory, 32, AttentionMask.Causal, drop: true, 67, [67, 40])) <= 1e-3));

    [Theory]
    [InlineData("nextHead++;", "nextHead = endOfHeads;")]                                           // a query head that adds nothing
    [InlineData("dKey + (keyStart + key) * dKeyStride", "dKey + (start + key) * dKeyStride")]
    public void Shared_keys_on_tensor_cores_with_a_fault_differ_from_the_reference(string right, string wrong) =>
        Assert.True(!(SharedKeysDistance<Double<Width16>>(TensorBackward, right, wrong) <= 2e-2));

    [Theory]
    [InlineData(TensorForward, "__syncthreads();", "", Unwritten)]
    [InlineData(TensorForward, "next = stages + (stage ^ 1) * 2 * Keys", "next = stages + stage * 2 * Keys", "race: write after a read")]
    [InlineData(TensorBackward, "load(nextHead, nextQuery, stage ^ 1)", "load(nextHead, nextQuery, stage)", "race: write after a read")]
    [InlineData(TensorBackward, "__syncthreads();\n        if (firstKey + Keys < end)", "if (firstKey + Keys < end)", "race: write after a read")]
    [InlineData(TensorBackward, "if (key >= keyLength) continue;", "", "invalid global write")]
    public void The_checker_finds_a_fault_on_tensor_cores(string file, string right, string wrong, string finding) =>
        Assert.Contains(finding, AttentionReports(32, file, right, wrong));

    /// <summary>Heads that share keys, with a fault beside the reference.</summary>
    private static double SharedKeysDistance<TWidth>(string file, string right, string wrong)
        where TWidth : struct, IDimension
    {
        TestTarget.RequireEmulator();
        var slices = AttentionSlices.Long["grouped by two"];
        using var machine = new TestMachine();
        using var reference = new ReferenceDevice();
        using var device = machine.Open(GpuPrecision.BFloat16, Changed(file, right, wrong));
        var rounded = TensorAttentionTests.Rounded(GpuPrecision.BFloat16);
        return NormDistance(
            slices.Run<TWidth>(reference, slices.Inputs(TWidth.Size), rounded),
            slices.Run<TWidth>(device, slices.Inputs(TWidth.Size), rounded));
    }

    /// <summary>What the checker says of attention with a fault.</summary>
    private static string AttentionReports(int headSize, string file, string right, string wrong)
    {
        TestTarget.RequireEmulator();
        using var machine = new TestMachine(("CHECK", "1"));
        var device = machine.Open(GpuPrecision.BFloat16, Changed(file, right, wrong));
        Assert.Throws<GptGenException>(() => OperatorComparison.Run(device, (device, memory) =>
            AttentionCase.Train(device, memory, headSize, AttentionMask.Full, drop: false, 140, [140])));
        return CudaEmulator.Reports;
    }

    private static double TensorDistance(
        GpuPrecision precision, string file, string right, string wrong, Func<GptGen.Device, TestMemory, Location[]> run)
    {
        TestTarget.RequireEmulator();
        using var machine = new TestMachine();
        var rounded = TensorAttentionTests.Rounded(precision);
        return NormDistance(
            OperatorComparison.Run(new ReferenceDevice(), run, rounded),
            OperatorComparison.Run(machine.Open(precision, Changed(file, right, wrong)), run, rounded));
    }

    /// <summary>The largest distance; not a number where one is none.</summary>
    private static double NormDistance(double[][] expected, double[][] actual) => expected.Zip(actual).Select(
        static pair => OperatorComparison.RelativeNorm(pair.First, pair.Second)).Aggregate(0.0, Math.Max);
}
