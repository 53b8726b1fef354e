using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>What an LSTM's scan promises beside its formula.</summary>
public class LstmScanTests
{
    /// <summary>Otherwise the comparisons with the reference would say nothing about clips.</summary>
    [Fact]
    public void TheCasesHaveNumbersAtTheirBoundsAndBelow()
    {
        using var device = new ReferenceDevice();
        using var memory = new TestMemory(device);
        var results = Array.ConvertAll(
            LstmCase.Of(TimeDirection.Forward, clips: true).Run<Width22, Width13>(device, memory), TestMemory.Read);
        Assert.InRange(Share(results[0], LstmCase.CellClip), 0.05, 0.5);
        Assert.InRange(Share(results[1], LstmCase.ProjectionClip), 0.05, 0.5);

        static double Share(double[] values, double bound) =>
            values.Count(value => Math.Abs(value) >= bound) / (double)values.Count(static value => value != 0);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public void TheBitsAreTheSameWithAnyNumberOfThreads(int sequences)
    {
        var work = LstmCase.Of(TimeDirection.Backward, clips: true) with
        {
            Lengths = [.. Enumerable.Range(0, sequences).Select(static i => 9 - (i * 3 % 10))],
        };
        var single = Run(1);
        for (var threads = 2; threads <= 5; threads++)
        {
            var several = Run(threads);
            for (var output = 0; output < single.Length; output++)
                Assert.True(single[output].AsSpan().SequenceEqual(several[output]), $"Output {output} has other bits with {threads} threads.");
        }

        double[][] Run(int threads)
        {
            using var device = new CpuDevice(threads);
            using var memory = new TestMemory(device);
            return Array.ConvertAll(work.Run<Width148, Width148>(device, memory), TestMemory.Read);
        }
    }

    [Theory]
    [InlineData("cpu", TimeDirection.Forward)]
    [InlineData("cpu", TimeDirection.Backward)]
    [InlineData("reference", TimeDirection.Forward)]
    [InlineData("reference", TimeDirection.Backward)]
    public void WhatMayShareMemoryGivesTheSameBits(string name, TimeDirection direction)
    {
        var work = LstmCase.Of(direction, clips: true);
        using var device = Open(name);
        using var memory = new TestMemory(device);
        var apart = Array.ConvertAll(work.Run<Width22, Width13>(device, memory), TestMemory.Read);
        var shared = Array.ConvertAll((work with { InPlace = true }).Run<Width22, Width13>(device, memory), TestMemory.Read);
        Assert.Equal(apart, shared);
    }

    /// <summary>The last rows first where the direction is backward; the second call begins with the states that the first one left.</summary>
    [Theory]
    [InlineData("cpu", TimeDirection.Forward)]
    [InlineData("cpu", TimeDirection.Backward)]
    [InlineData("reference", TimeDirection.Forward)]
    [InlineData("reference", TimeDirection.Backward)]
    public void TwoCallsWithCarriedStatesEqualOne(string name, TimeDirection direction)
    {
        // Parts of 5 and 4 rows; a sequence may end in either.
        int[] lengths = [9, 7, 5, 2, 0];
        var gates = TestMemory.Random(1, lengths.Length * 9 * 88);
        using var device = Open(name);
        using var memory = new TestMemory(device);
        int[] early = [.. lengths.Select(static length => Math.Min(length, 5))], late = [.. lengths.Select(static length => Math.Max(0, length - 5))];
        var whole = Scan(device, memory, direction, lengths, gates, default);
        var isForward = direction == TimeDirection.Forward;
        var (first, second) = (Rows(gates, 88, 0, 5), Rows(gates, 88, 5, 4));
        var begun = Scan(device, memory, direction, isForward ? early : late, isForward ? first : second, default);
        var ended = Scan(device, memory, direction, isForward ? late : early, isForward ? second : first, (begun.Cells, begun.Outputs));
        Assert.Equal(Rows(whole.Y, 13, 0, 5), isForward ? begun.Y : ended.Y);
        Assert.Equal(Rows(whole.Y, 13, 5, 4), isForward ? ended.Y : begun.Y);
        Assert.Equal(TestMemory.Read(whole.Cells.Start), TestMemory.Read(ended.Cells.Start));
        Assert.Equal(TestMemory.Read(whole.Outputs.Start), TestMemory.Read(ended.Outputs.Start));

        static double[] Rows(double[] values, int width, int from, int count) =>
            [.. Enumerable.Range(0, values.Length / 9 / width).SelectMany(sequence => values[((sequence * 9 + from) * width)..][..(count * width)])];
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("reference")]
    public void BadArgumentsAreRefused(string name)
    {
        using var device = Open(name);
        using var memory = new TestMemory(device);
        LstmRecurrence good = new(TimeDirection.Forward, 1, 0);
        Try(good, 6, 2, 3);
        foreach (var clip in new[] { -1f, float.NaN })
        {
            Refuse(good with { CellClip = clip }, 6, 2, 3);
            Refuse(good with { ProjectionClip = clip }, 6, 2, 3);
        }

        Refuse(good with { Direction = (TimeDirection)2 }, 6, 2, 3);
        Refuse(good, 7, 2, 3);
        Refuse(good, 6);
        Refuse(good, 6, 2, 4);
        Refuse(good, 6, -1, 3);
        // Nothing to do is no mistake, and the gradients of the weights are then zero.
        Try(good, 0);
        Try(good, 0, 0, 0);

        void Refuse(LstmRecurrence recurrence, int rows, params int[] lengths) =>
            Assert.ThrowsAny<ArgumentException>(() => Try(recurrence, rows, lengths));

        void Try(LstmRecurrence recurrence, int rows, params int[] lengths)
        {
            var gates = memory.Rows<Quadruple<Width5>>(new double[rows * 20]);
            var (cells, y) = (memory.Rows<Width5>(new double[rows * 5]), memory.Rows<Width3>(new double[rows * 3]));
            var (recurrent, projection) = (memory.Matrix<Quadruple<Width5>, Width3>(new double[60]), memory.Matrix<Width3, Width5>(new double[15]));
            var counts = memory.Integers(lengths);
            var (dRecurrent, dProjection) = (
                memory.Matrix<Quadruple<Width5>, Width3>(TestMemory.Random(1, 60)), memory.Matrix<Width3, Width5>(TestMemory.Random(2, 15)));
            Exception?[] errors = [
                Record.Exception(() => device.LstmScan(
                    gates, recurrent, projection, counts, recurrence, default, default, gates, cells, y, default, default)),
                Record.Exception(() => device.LstmScanBackward(
                    y, gates, cells, y, recurrent, projection, counts, recurrence, default, default, gates, dRecurrent, dProjection,
                    GradientWrite.Write))];
            Assert.Equal(errors[0]?.GetType(), errors[1]?.GetType());
            if (errors[0] is { } error)
                throw error;
            Assert.All(TestMemory.Read(dRecurrent.Start).Concat(TestMemory.Read(dProjection.Start)), static value => Assert.Equal(0, value));
        }
    }

    private static Device Open(string name) => name == "cpu" ? new CpuDevice(2) : new ReferenceDevice();

    private static (double[] Y, Rows<Width22> Cells, Rows<Width13> Outputs) Scan(
        Device device, TestMemory memory, TimeDirection direction, int[] lengths, double[] gates, (Rows<Width22> Cells, Rows<Width13> Outputs) before)
    {
        var rows = gates.Length / 88;
        var (cells, outputs) = (memory.Rows<Width22>(new double[lengths.Length * 22]), memory.Rows<Width13>(new double[lengths.Length * 13]));
        var y = memory.Rows<Width13>(new double[rows * 13]);
        device.LstmScan(
            memory.Rows<Quadruple<Width22>>(gates), memory.Matrix<Quadruple<Width22>, Width13>(TestMemory.Random(2, 88 * 13)),
            memory.Matrix<Width13, Width22>(TestMemory.Random(3, 13 * 22)), memory.Integers(lengths), new(direction, 0.75f, 0.5f), before.Cells,
            before.Outputs, memory.Rows<Quadruple<Width22>>(new double[rows * 88]), memory.Rows<Width22>(new double[rows * 22]), y, cells, outputs);
        return (TestMemory.Read(y.Start), cells, outputs);
    }
}
