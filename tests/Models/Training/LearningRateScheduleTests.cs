using GptGen.Training;
using Xunit;

namespace GptGen.Models.Tests.Training;

public sealed class LearningRateScheduleTests
{
    /// <summary>Warm-up to 1 over 4 steps, then down to 0.2 at step 12: every value by hand.</summary>
    [Theory]
    [InlineData(ScheduleKind.Cosine, 0, 0.2)]
    [InlineData(ScheduleKind.Cosine, 3, 0.8)]
    [InlineData(ScheduleKind.Cosine, 4, 1.0)]
    [InlineData(ScheduleKind.Cosine, 6, 0.8828427124746190)]
    [InlineData(ScheduleKind.Cosine, 8, 0.6)]
    [InlineData(ScheduleKind.Cosine, 12, 0.2)]
    [InlineData(ScheduleKind.Cosine, 99, 0.2)]
    [InlineData(ScheduleKind.Linear, 3, 0.8)]
    [InlineData(ScheduleKind.Linear, 6, 0.8)]
    [InlineData(ScheduleKind.Linear, 8, 0.6)]
    [InlineData(ScheduleKind.Linear, 12, 0.2)]
    [InlineData(ScheduleKind.Constant, 1, 0.4)]
    [InlineData(ScheduleKind.Constant, 12, 1.0)]
    [InlineData(ScheduleKind.InverseSquareRoot, 3, 0.8)]
    [InlineData(ScheduleKind.InverseSquareRoot, 4, 1.0)]
    [InlineData(ScheduleKind.InverseSquareRoot, 19, 0.5)]
    [InlineData(ScheduleKind.InverseSquareRoot, 44, 1.0 / 3)]
    [InlineData(ScheduleKind.InverseSquareRoot, 124, 0.2)]
    [InlineData(ScheduleKind.InverseSquareRoot, 999, 0.2)]
    public void ARateHasItsValue(ScheduleKind kind, int step, double expected) =>
        Assert.Equal(expected, new LearningRateSchedule(kind, Maximum: 1, Minimum: 0.2, Warmup: 4, Steps: 12).At(step), 1e-12);

    [Fact]
    public void TheInverseSquareRootIsTheTransformersPublishedSchedule()
    {
        const int Width = 512, PublishedWarmup = 4000;
        var schedule = new LearningRateSchedule(
            ScheduleKind.InverseSquareRoot, Maximum: 1 / Math.Sqrt((double)Width * PublishedWarmup), Minimum: 0, PublishedWarmup - 1, Steps: 100_000);
        foreach (var step in new[] { 1, 2, 1000, 3999, 4000, 4001, 50_000, 100_000 })
        {
            var published = Math.Pow(Width, -0.5) * Math.Min(Math.Pow(step, -0.5), step * Math.Pow(PublishedWarmup, -1.5));
            Assert.Equal(1, schedule.At(step - 1) / published, 1e-12);
        }
    }

    [Fact]
    public void WarmupLongerThanTheRunIsHarmless() =>
        Assert.Equal(0.3, new LearningRateSchedule(ScheduleKind.Cosine, Maximum: 1, Minimum: 0, Warmup: 9, Steps: 3).At(2), 1e-12);
}
