using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using GptGen.Emulator;
using GptGen.Models;
using GptGen.RandomNumbers;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>A device's memory: copies in both directions, freeing, and what is said when there is too little.</summary>
public class CudaArenaTests
{
    /// <summary>More than all staging slots together, and no multiple of one.</summary>
    private const int Large = 2_300_001;

    /// <summary>With work that waits until somebody asks, so that a wait that is missing shows.</summary>
    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public void What_is_written_is_read_again(string deferred)
    {
        using var machine = new TestMachine(("DEFERRED", deferred));
        using var device = machine.Open();
        using var numbers = device.Allocate(BufferRole.Parameter, Large + 10);
        using var integers = device.Allocate(BufferRole.Token, 5);
        var values = new float[Large];
        RandomStream.Batches(1, 0, 0).FillUniform(0, values);
        numbers.Write(7, values);
        integers.Write(1, [3, -1]);
        var read = new float[Large + 10];
        numbers.Read(0, read);
        Assert.Equal([.. new float[7], .. values, .. new float[3]], read);
        numbers.Clear(8, Large - 2);
        numbers.Read(0, read);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, values[0], 0], read[..9]);
        Assert.Equal([0, values[^1], 0, 0, 0], read[^5..]);
        var tokens = new int[5];
        integers.Read(0, tokens);
        Assert.Equal([0, 3, -1, 0, 0], tokens);
    }

    /// <summary>A batch that is written while kernels still read the one before.</summary>
    [Fact]
    public void Writes_keep_their_place_among_the_kernels()
    {
        using var machine = new TestMachine(("DEFERRED", "1"));
        using var device = machine.Open();
        using var memory = new TestMemory(device);
        var source = memory.Rows<Width148>(TestMemory.Random(1, 148));
        var copies = Enumerable.Range(0, 9).Select(_ => memory.Rows<Width148>(new double[148])).ToList();
        for (var i = 0; i < copies.Count; i++)
        {
            var values = new float[148];
            values.AsSpan().Fill(i);
            source.Start.Arena.Write(0, values);
            device.Copy(source, copies[i]);
            // The caller's memory is its own again.
            values.AsSpan().Fill(-1);
        }

        for (var i = 0; i < copies.Count; i++)
            Assert.All(TestMemory.Read(copies[i].Start), value => Assert.Equal(i, value));
    }

    [Fact]
    public void Roles_and_devices_are_not_mixed_up()
    {
        using var machine = new TestMachine();
        using var device = machine.Open();
        using var numbers = device.Allocate(BufferRole.Activation, 148);
        using var integers = device.Allocate(BufferRole.Token, 148);
        Assert.Throws<InvalidOperationException>(() => numbers.Write(0, [1]));
        Assert.Throws<InvalidOperationException>(() => integers.Write(0, [1f]));
        Assert.Throws<ArgumentOutOfRangeException>(() => numbers.Write(147, [1f, 2f]));
        using var other = machine.Open();
        Assert.Throws<ArgumentException>(() => other.Copy(new Rows<Width148>(numbers.At(0), 1), new Rows<Width148>(numbers.At(0), 1)));
    }

    [Fact]
    public void Memory_is_freed_with_its_arena_and_with_the_device()
    {
        TestTarget.RequireEmulator();
        using var machine = new TestMachine();
        var device = machine.Open();
        var opened = CudaEmulator.AllocatedBytes;
        var arena = device.Allocate(BufferRole.Activation, 1 << 20);
        Assert.True(CudaEmulator.AllocatedBytes >= opened + (4 << 20));
        arena.Dispose();
        arena.Dispose();
        Assert.Equal(opened, CudaEmulator.AllocatedBytes);
        var late = device.Allocate(BufferRole.Activation, 1000);
        device.Dispose();
        device.Dispose();
        late.Dispose();
        Assert.Equal(0, CudaEmulator.AllocatedBytes);
    }

    [Fact]
    public void Memory_of_a_device_and_an_arena_that_were_forgotten_is_freed_by_their_finalizers()
    {
        TestTarget.RequireEmulator();
        using var machine = new TestMachine();
        Forget(machine);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(0, CudaEmulator.AllocatedBytes);
    }

    [Fact]
    public void Too_little_memory_tells_which_batch_would_fit()
    {
        using var machine = new TestMachine(("MEMORY", "1000000000"));
        using var device = machine.Open();
        using var model = Gpt2Mini.Create(device);
        var message = Assert.Throws<GptGenException>(() => model.CreateTraining(512, 256)).Message;
        Assert.Matches(
            "^The GPU's memory is full: the arena of role Activation needs [0-9]+,[0-9]{3} MB, and 9[0-9]{2} of 1,000 MB are free\\. "
            + "Training Gpt2Mini fits", message);
        var fits = int.Parse(
            message[(message.IndexOf("up to ", StringComparison.Ordinal) + 6)..message.IndexOf(" sequences", StringComparison.Ordinal)],
            CultureInfo.InvariantCulture);
        Assert.InRange(TrainingBytes(fits), 0, 1e9);
        // The device itself takes less than this for cuBLAS and for copies.
        Assert.InRange(TrainingBytes(fits + 1), 1e9 - 60e6, double.PositiveInfinity);
        using var training = model.CreateTraining(fits, 256);
        training.ReserveGradients();
    }

    [Fact]
    public void Too_little_memory_for_one_sequence_or_for_the_weights()
    {
        using var machine = new TestMachine(("MEMORY", "70000000"));
        using var device = machine.Open();
        using var model = Gpt2Mini.Create(device);
        Assert.Contains(
            "Training Gpt2Mini on a single sequence of 256 tokens needs", Assert.Throws<GptGenException>(() => model.CreateTraining(1, 256)).Message);
        var message = Assert.Throws<GptGenException>(() => Gpt2Small.Create(device)).Message;
        Assert.Contains("the arena of role Parameter needs 498 MB", message);
        Assert.Contains("Use a smaller model", message);
    }

    [Fact]
    public void Too_little_memory_for_inference_tells_what_would_fit()
    {
        using var machine = new TestMachine(("MEMORY", "300000000"));
        using var device = machine.Open();
        using var model = Gpt2Mini.Create(device);
        var before = CudaEmulator.AllocatedBytes;
        var message = Assert.Throws<GptGenException>(() => model.CreateInference(400, 256, 256, 400)).Message;
        var parts = Regex.Match(
            message,
            "^The GPU's memory is too small: Gpt2Mini on 400 sequences of 256 positions needs ([0-9,]+) MB beside its weights, "
            + "and ([0-9,]+) MB are free; " +
            "there is room for ([0-9]+) sequences of 256 positions or for 400 of ([0-9]+): use fewer sequences or a shorter context\\.$");
        Assert.True(parts.Success, message);
        int Number(int group) => int.Parse(parts.Groups[group].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
        Assert.InRange(Number(2), 100, 300);
        Assert.True(Number(1) > Number(2));
        Assert.Equal(before, CudaEmulator.AllocatedBytes);
        model.CreateInference(Number(3), 256, 256, Number(3)).Dispose();
        model.CreateInference(400, Number(4), Number(4), 400).Dispose();
        Assert.Contains(
            "positions needs", Assert.Throws<GptGenException>(() => model.CreateInference(Number(3) + 1, 256, 256, Number(3) + 1)).Message);
        Assert.Contains(
            "no room for fewer or shorter sequences", Assert.Throws<GptGenException>(() => model.CreateInference(1, 1, 1, 1_000_000)).Message);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(TestMachine machine)
    {
        machine.Open().Allocate(BufferRole.Activation, 1 << 20);
        Assert.True(CudaEmulator.AllocatedBytes > 4 << 20);
    }

    private static double TrainingBytes(int sequences) =>
        Gpt2Mini.Specification.TrainingElements(sequences, 256, GptGen.Device.FewLogitRows).Sum(static part => 4.0 * part.Elements);
}
