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
    public void Shared_keys_on_warpgroups_with_a_fault_differ_from_the_reference(string right, string wrong) =>
        Assert.True(!(SharedKeysDistance<Quadruple<Width16>>(GroupBackward, right, wrong) <= 2e-2));

    [Theory]
    [InlineData(GroupTile, "    showToProducts();\n", "", "without a proxy fence")]
    [InlineData(GroupTile, "    __syncthreads();\n", "", Unwritten)]
    [InlineData(GroupForward, "beginProducts();\n        startRows", "startRows", "no fence since")]
    [InlineData(GroupForward, "load(firstKey + Keys, stage ^ 1)", "load(firstKey + Keys, stage)", "race: write after a read")]
    [InlineData(GroupBackward, "load(nextHead, nextQuery, stage ^ 1)", "load(nextHead, nextQuery, stage)", "race: write after a read")]
    [InlineData(GroupBackward, "if (key >= keyLength) continue;", "", "invalid global write")]
    public void The_emulator_finds_a_fault_on_warpgroups(string file, string right, string wrong, string finding) =>
        Assert.Contains(finding, AttentionReports(GroupTiles.HeadSize, file, right, wrong));
}
