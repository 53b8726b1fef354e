using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>Joining rows with what is remembered, and remembering: row by row, and what does not fit.</summary>
public sealed class MemoryTests
{
    [Fact]
    public void MemoryStandsBeforeEachSequencesOwnRows()
    {
        foreach (var device in new Device[] { new CpuDevice(2), new ReferenceDevice() })
        {
            using var both = device;
            using var memory = new TestMemory(both);
            var joined = memory.Rows<Width1>(new double[6]);
            device.JoinMemory(memory.Rows<Width1>([1, 2]), memory.Rows<Width1>([3, 4, 5, 6]), 2, joined);
            Assert.Equal([1.0, 3, 4, 2, 5, 6], TestMemory.Read(joined.Start));
            var (gradient, kept) = (memory.Rows<Width1>([10, 20, 30, 40]), memory.Rows<Width1>(new double[4]));
            device.JoinMemoryBackward(joined, 2, gradient, GradientWrite.Add);
            Assert.Equal([13.0, 24, 35, 46], TestMemory.Read(gradient.Start));
            device.KeepMemory(joined, 2, kept);
            Assert.Equal([3.0, 4, 5, 6], TestMemory.Read(kept.Start));
        }
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        using var device = new CpuDevice(1);
        using var memory = new TestMemory(device);
        var (two, three, four) = (Rows(2), Rows(3), Rows(4));
        Assert.Contains("3 rows do not belong to 2 sequences alike.", Refusal(() => device.JoinMemory(three, four, 2, Rows(7))));
        Assert.Contains("3 rows do not belong to 2 sequences alike.", Refusal(() => device.JoinMemory(four, three, 2, Rows(7))));
        Assert.Contains("There are 4 rows where 6 are needed.", Refusal(() => device.JoinMemory(two, four, 2, Rows(4))));
        Assert.Contains("There are 1 rows a sequence where 2 are needed.", Refusal(() => device.KeepMemory(two, 2, four)));
        Assert.Contains("There are 1 rows a sequence where 2 are needed.", Refusal(() => device.JoinMemoryBackward(two, 2, four, GradientWrite.Add)));
        Assert.Contains("sequences", Refusal(() => device.KeepMemory(two, -1, two)));
        Assert.Contains("2 rows do not belong to 0 sequences alike.", Refusal(() => device.KeepMemory(two, 0, two)));

        Rows<Width1> Rows(int count) => memory.Rows<Width1>(new double[count]);

        static string Refusal(Action call) => Assert.ThrowsAny<ArgumentException>(call).Message;
    }
}
