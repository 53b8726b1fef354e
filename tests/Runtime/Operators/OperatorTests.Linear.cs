using Xunit;

namespace GptGen.Runtime.Tests.Operators;

// Linear layers and what is made of them in the same call.
public abstract partial class OperatorTests<TWidth, TOut>
{
    public static TheoryData<Activation> Activations => [.. Enum.GetValues<Activation>()];

    [Fact]
    public void Linear() => Verify((device, memory) => LinearCase.Run<TWidth, TOut>(device, memory, Many));

    [Theory]
    [MemberData(nameof(Activations))]
    public void LinearActivation(Activation activation) =>
        Verify((device, memory) => LinearCase.RunActivation<TWidth, TOut>(device, memory, Many, activation));

    [Theory]
    [MemberData(nameof(Activations))]
    public void LinearBackwardActivation(Activation activation) =>
        Verify((device, memory) => LinearCase.RunBackwardActivation<TWidth, TOut>(device, memory, Many, activation));

    [Theory]
    [MemberData(nameof(Drops))]
    public void LinearResidual(bool drop) => Verify((device, memory) => LinearCase.RunResidual<TWidth, TOut>(device, memory, Many, drop));
}
