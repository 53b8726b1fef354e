using GptGen.Cuda.Tests.Device;
using GptGen.Emulator;
using GptGen.Reference;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

// Faults of attention on warpgroups.
public partial class PlantedFaultTests
{
    private const string Warpgroups = "warpgroups.cuh";
    private const string GroupTile = "attention_group.cuh";
    private const string GroupForward = "attention_group.cu";
    private const string GroupBackward = "attention_group_backward.cu";

    [Theory]
    [InlineData(Warpgroups, "(column / 8 ^ row % 8)", "(column / 8)")]                                // no swizzle
    [InlineData(Warpgroups, "NextColumns = ProductDepth * 2 / 16", "NextColumns = 0")]
    [InlineData(GroupTile, "tile + step * NextRows", "tile")]                                     // the first keys' values for all
    [InlineData(GroupForward, "float factor = scale * Log2OfE", "float factor = scale")]
    [InlineData(GroupForward, "firstKey + Keys > wholeEnd", "firstKey > wholeEnd")]                 // a missing mask
    [InlineData(GroupForward, "values = keys + Keys * RowOfTile", "values = keys")]
    [InlineData(GroupForward, "if (Drop) dropTile(scores, mask", "if (false) dropTile(scores, mask")]
    [InlineData(GroupBackward, "(gradients[0][column][i] - delta[i / 2])", "gradients[0][column][i]")]
    [InlineData(GroupBackward, "(gradients[0][column][i] - delta);", "gradients[0][column][i];")]
    [InlineData(GroupBackward, "keySums[0], 2 * half, scale", "keySums[0], 2 * half, 1.0f")]
    [InlineData(GroupBackward, "if (Drop) keepElements(scores[0][column], mask, drawn);", "")]
    [InlineData(GroupBackward, "> firstQuery + columnOfElement(column, i) + shift)", ">= firstQuery + columnOfElement(column, i) + shift)")]
    [InlineData(GroupBackward, "ownOutputs = ownQueries + Queries * RowOfTile", "ownOutputs = ownQueries")]
    public void Attention_on_warpgroups_with_a_fault_differs_from_the_reference(string file, string right, string wrong) =>
        Assert.True(!(TensorDistance(GpuPrecision.BFloat16, file, right, wrong, static (device, memory) =>
            AttentionCase.Train(device, memory, 64, AttentionMask.Causal, drop: true, 132, [132, 40])) <= 2e-2));

    [Theory]
    [InlineData("nextHead++;", "nextHead = endOfHeads;")]                                           // a query head that adds nothing
    [InlineData("dKey + (keyStart + key) * dKeyStride", "dKey + (start + key) * dKeyStride")]
    public void Shared_keys_on_warpgroups_with_a_fault_differ_from_the_reference(string right, string wrong)
    {
        TestTarget.RequireEmulator();
        var slices = AttentionSlices.Long["grouped by two"];
        using var machine = new TestMachine();
        using var reference = new ReferenceDevice();
        using var device = machine.Open(GpuPrecision.BFloat16, Changed(GroupBackward, right, wrong));
        var rounded = TensorAttentionTests.Rounded(GpuPrecision.BFloat16);
        Assert.True(!(NormDistance(
            slices.Run<Quadruple<Width16>>(reference, slices.Inputs(64), rounded),
            slices.Run<Quadruple<Width16>>(device, slices.Inputs(64), rounded)) <= 2e-2));
    }

    [Theory]
    [InlineData(GroupTile, "    showToProducts();\n", "", "fence")]
    [InlineData(GroupTile, "    __syncthreads();\n", "", "")]
    [InlineData(GroupForward, "beginProducts();\n        startRows", "startRows", "fence")]
    [InlineData(GroupForward, "load(firstKey + Keys, stage ^ 1)", "load(firstKey + Keys, stage)", "")]
    [InlineData(GroupBackward, "load(nextHead, nextQuery, stage ^ 1)", "load(nextHead, nextQuery, stage)", "")]
    [InlineData(GroupBackward, "if (key >= keyLength) continue;", "", "invalid global write")]
    public void The_emulator_finds_a_fault_on_warpgroups(string file, string right, string wrong, string finding)
    {
        TestTarget.RequireEmulator();
        using var machine = new TestMachine(("CHECK", "1"));
        var device = machine.Open(GpuPrecision.BFloat16, Changed(file, right, wrong));
        Assert.Throws<GptGenException>(() => OperatorComparison.Run(device, static (device, memory) =>
            AttentionCase.Train(device, memory, 64, AttentionMask.Full, drop: false, 140, [140])));
        Assert.NotEqual("", CudaEmulator.Reports);
        Assert.Contains(finding, CudaEmulator.Reports);
    }
}
