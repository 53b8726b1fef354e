using GptGen.Cuda.Tests.Device;
using GptGen.Reference;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

/// <content>Faults of an LSTM's scan.</content>
public partial class PlantedFaultTests
{
    private const string LstmSteps = "lstm_steps.cuh";
    private const string LstmOneLaunch = "lstm_scan.cu";

    [Theory]
    [InlineData(LstmSteps, "sums[2] + 1.0f", "sums[2]")]
    [InlineData(LstmSteps, "? count - 1 - step : step", "? length - 1 - step : step")]             // not the sequence's own end
    [InlineData(LstmSteps, "if (step > 0) return", "if (false) return")]
    [InlineData(LstmSteps, "return initial == nullptr ? 0.0f", "return true ? 0.0f")]
    [InlineData(LstmSteps, "clip(fmaf(forget, old, input * candidate), limit)", "fmaf(forget, old, input * candidate)")]
    [InlineData(LstmSteps, "clip(projected, limit)", "projected")]
    [InlineData(LstmSteps, "if (fabsf(toFloat(y[place])) >= through<Activation>(limit)) gradient", "if (false) gradient")]
    [InlineData(LstmSteps, "if (fabsf(cell) >= through<Activation>(limit)) gradient", "if (false) gradient")]
    [InlineData(LstmSteps, "(steps.has(sequence, step + 1) ? dOutput : 0.0f)", "0.0f")]
    [InlineData(LstmSteps, "*dCell = gradient * forget", "*dCell = gradient")]
    [InlineData(LstmSteps, "store(beforeRows + place, before)", "store(beforeRows + place, 0.0f)")]
    [InlineData(LstmOneLaunch, "column += Lanes * Vector", "column += 2 * Lanes * Vector")]
    [InlineData(LstmOneLaunch, "warpSum<Lanes>(sums[r])", "sums[r]")]
    [InlineData(LstmOneLaunch, "row < rows; row += teams", "row < rows - 1; row += teams")]
    [InlineData(LstmOneLaunch, "team < teams; team++", "team < 1; team++")]
    [InlineData(LstmOneLaunch, "most = max(most, lengths[sequence])", "most = max(most, lengths[sequence] - 1)")]
    [InlineData(LstmOneLaunch, "toFloat(initialProjected[(long long)sequence * width + place % width])", "0.0f")]
    public void A_scan_in_one_launch_with_a_fault_differs_from_the_reference(string file, string right, string wrong) =>
        Assert.True(!(ScanDistance(file, right, wrong, oneLaunch: true) <= 1e-4));

    [Theory]
    [InlineData("products + own + 3LL * sequence * width", "products + own")]
    [InlineData("store(projected + own, clipped);", "(void)clipped;")]                                // the recurrence reads what was not clipped
    [InlineData("store(dProjected + own, gradient);", "(void)gradient;")]
    [InlineData("dy, y, initial, dOutputs[own]", "dy, y, initial, 0.0f")]
    public void A_scan_step_by_step_with_a_fault_differs_from_the_reference(string right, string wrong) =>
        Assert.True(!(ScanDistance("lstm.cu", right, wrong, oneLaunch: false) <= 1e-4));

    private static double ScanDistance(string file, string right, string wrong, bool oneLaunch)
    {
        TestTarget.RequireEmulator();
        var work = LstmCase.Of(TimeDirection.Backward, clips: true);
        using var machine = new TestMachine();
        var device = machine.Open(loadSource: Changed(file, right, wrong));
        device.OneLaunchScanBytes = oneLaunch ? int.MaxValue : 0;
        return Distance(
            OperatorComparison.Run(new ReferenceDevice(), work.Run<Width22, Width13>), OperatorComparison.Run(device, work.Run<Width22, Width13>));
    }
}
