using GptGen.Cuda.Tests.Device;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

/// <summary>Both ways of an LSTM's scan, in one launch and step by step, wherever the sizes would send it.</summary>
public class LstmScanTests
{
    /// <summary>More sequences than multiprocessors, so that blocks share them, and a block that is not full.</summary>
    private static readonly int[] s_many = [.. Enumerable.Range(0, 141).Select(static i => i * 7 % 10)];

    [Theory]
    [InlineData(true, TimeDirection.Forward, true)]
    [InlineData(true, TimeDirection.Backward, false)]
    [InlineData(false, TimeDirection.Forward, false)]
    [InlineData(false, TimeDirection.Backward, true)]
    public void Both_ways_agree_with_the_reference(bool oneLaunch, TimeDirection direction, bool clips)
    {
        Verify<Width22, Width13>(oneLaunch, LstmCase.Of(direction, clips));
        Verify<Width148, Width36>(oneLaunch, LstmCase.Of(direction, clips) with { Begins = false, Write = GradientWrite.Add });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Many_sequences_agree_with_the_reference(bool oneLaunch) =>
        Verify<Width36, Width7>(oneLaunch, LstmCase.Of(TimeDirection.Backward, clips: true) with { Lengths = s_many });

    [Theory]
    [InlineData(true, TimeDirection.Forward)]
    [InlineData(true, TimeDirection.Backward)]
    [InlineData(false, TimeDirection.Forward)]
    [InlineData(false, TimeDirection.Backward)]
    public void Neither_way_has_a_race(bool oneLaunch, TimeDirection direction)
    {
        var work = LstmCase.Of(direction, clips: true) with { InPlace = true };
        using var machine = new TestMachine(("CHECK", "1"));
        OperatorComparison.Run(Open(machine, oneLaunch), work.Run<Width22, Width13>);
        OperatorComparison.Run(Open(machine, oneLaunch), (work with { Lengths = [.. s_many.Take(10)] }).Run<Width36, Width36>);
        TestTarget.AssertNothingReported();
    }

    private static void Verify<TCells, TProjection>(bool oneLaunch, LstmCase work)
        where TCells : struct, IDimension
        where TProjection : struct, IDimension
    {
        using var machine = new TestMachine();
        OperatorComparison.Verify(() => Open(machine, oneLaunch), work.Run<TCells, TProjection>);
    }

    private static CudaDevice Open(TestMachine machine, bool oneLaunch)
    {
        var device = machine.Open();
        device.OneLaunchScanBytes = oneLaunch ? int.MaxValue : 0;
        return device;
    }
}
