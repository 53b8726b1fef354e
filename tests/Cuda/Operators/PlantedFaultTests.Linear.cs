using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

// Faults in what comes behind the products of linear layers.
public partial class PlantedFaultTests
{
    private const string Activated = "linearactivation.cu";
    private const string OnResidual = "linearresidual.cu";

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
}
