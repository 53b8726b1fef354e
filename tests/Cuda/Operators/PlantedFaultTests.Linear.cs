using GptGen.Cuda.Tests.Device;
using GptGen.Reference;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

// Faults in what comes behind the products of linear layers.
public partial class PlantedFaultTests
{
    private const string Activated = "linearactivation.cu";
    private const string OnResidual = "linearresidual.cu";
    private const string FewRows = "fewrows.cu";

    [Theory]
    [InlineData(true, "Pack<Wide> sum = load<Wide>(product + at) + added;", "Pack<Wide> sum = load<Wide>(product + at);")]
    [InlineData(true, "if constexpr (Kept) store(before + at, sum);\n            store(y + at, map", "store(y + at, map")]
    [InlineData(true, "store(y + at, map(sum, function));", "store(y + at, sum);")]
    [InlineData(true, "Activation* product = Kept ? before : y;", "Activation* product = y;")]
    [InlineData(false, "float sum = toFloat(product[at]) + toFloat(bias[i]);", "float sum = toFloat(product[at]) + toFloat(bias[column]);")]
    [InlineData(false, "store(y + at, function(sum));", "store(y + at, sum);")]
    [InlineData(false, "int last = min(column + Wide, width);", "int last = min(column + Wide, width - 1);")]
    public void An_activation_behind_a_product_with_a_fault_differs_from_the_reference(bool isWide, string right, string wrong) =>
        Assert.True(Distance(
            Activated, right, wrong,
            (device, memory) => isWide
                ? LinearCase.RunActivation<Width36, Width148>(device, memory, 37, Activation.GeluTanh)
                : LinearCase.RunActivation<Width15, Width7>(device, memory, 37, Activation.GeluTanh)) > 1e-4);

    [Theory]
    [InlineData(true, "through<Activation>(load<Wide>(y + at) + added)", "load<Wide>(y + at)")]
    [InlineData(true, "branch = drop(mask, branch, at);\n            store(y + at, load<Wide>", "store(y + at, load<Wide>")]
    [InlineData(true, "store(y + at, load<Wide>(residual + at) + branch);", "store(y + at, branch);")]
    [InlineData(true, "long long at = (long long)row * width + column;", "long long at = (long long)row * width + column % 64;")]
    [InlineData(false, "toFloat(y[at]) + toFloat(bias[i])", "toFloat(y[at])")]
    [InlineData(false, "store(y + at, toFloat(residual[at]) + branch);", "store(y + at, toFloat(residual[i]) + branch);")]
    public void A_residual_sum_behind_a_product_with_a_fault_differs_from_the_reference(bool isWide, string right, string wrong) =>
        Assert.True(Distance(
            OnResidual, right, wrong,
            (device, memory) => isWide
                ? LinearCase.RunResidual<Width36, Width148>(device, memory, 37, drop: true)
                : LinearCase.RunResidual<Width15, Width7>(device, memory, 37, drop: true)) > 1e-4);

    [Theory]
    [InlineData("first = part * each;", "first = 0;")]                                              // a warp with another's depth
    [InlineData("if (bias) sum +=", "if (false) sum +=")]
    [InlineData("if constexpr (Function >= 0)", "if constexpr (false)")]
    [InlineData("if (residual) sum +=", "if (false) sum +=")]
    [InlineData("next < Split; next++", "next < 2; next++")]                                        // a part left out
    [InlineData("x + (long long)row * depth + step * StepDepth)), b", "x + step * StepDepth)), b")] // the first row for all
    [InlineData("warpSum<4>(ofRow[row])", "ofRow[row]")]
    [InlineData("+ StepDepth - 1) / StepDepth - first);", ") / StepDepth - first);")]               // the depth's end left out
    [InlineData("if (row >= rows) break;", "if (row >= rows - 1) break;")]
    public void A_product_of_few_rows_with_a_fault_differs_from_the_reference(string right, string wrong) =>
        Assert.True(!(Distance(FewRows, right, wrong, FewRowsWithEndings) <= 1e-4));

    /// <summary>In bf16, by the norm.</summary>
    [Theory]
    [InlineData("row < rows && step < left ?", "row < rows - 1 && step < left ?")]
    [InlineData("{weight[step].z, weight[step].w}", "{weight[step].w, weight[step].z}")]            // other depths in the two factors
    [InlineData("tile[row][column + 1] = fragment[1]", "tile[row][column + 1] = fragment[0]")]
    [InlineData("inner = laneIndex() % 4 * LanePack", "inner = laneIndex() % 2 * LanePack")]
    public void A_product_of_few_rows_on_tensor_cores_with_a_fault_differs_from_the_reference(string right, string wrong)
    {
        TestTarget.RequireEmulator();
        using var machine = new TestMachine();
        var expected = OperatorComparison.Run(
            new ReferenceDevice(), FewRowsWithEndings, static role => role is BufferRole.Activation or BufferRole.Parameter);
        var actual = OperatorComparison.Run(
            machine.Open(GpuPrecision.BFloat16, Changed(FewRows, right, wrong), ProductFusions.None), FewRowsWithEndings);
        Assert.True(expected.Zip(actual, OperatorComparison.RelativeNorm).Max() > 4e-2);
    }

    [Theory]
    [InlineData("__syncthreads();", "", Unwritten)]
    [InlineData("firstColumn + at >= width", "false", "invalid global")]
    [InlineData("step + i < count ? load16", "true ? load16", "invalid global read")]
    [InlineData(", width - 1), inner", ", width), inner", "invalid global read")]
    public void The_checker_finds_a_fault_of_a_product_of_few_rows(string right, string wrong, string finding) =>
        Assert.Contains(finding, Reports(FewRows, right, wrong, FewRowsWithEndings));

    /// <summary>A tile that is not whole, steps that some lanes are beyond.</summary>
    private static Location[] FewRowsWithEndings(GptGen.Device device, TestMemory memory) =>
        [
            .. LinearCase.RunActivation<Width264, Width7>(device, memory, 3, Activation.GeluTanh),
            .. LinearCase.RunResidual<Width264, Width7>(device, memory, 3, drop: false),
        ];
}
