using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

public sealed class TrainingCheckpointTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1.0 / 3)]
    public void EverythingComesBackBitByBit(double bestLoss)
    {
        var model = TestModel.Create().Fill();
        var (first, second) = (model.Moments(2), model.Moments(3));
        var state = new TrainingState
        {
            Step = 123,
            Seed = uint.MaxValue,
            DataPosition = long.MaxValue,
            Options = """{"lr":1e-3,"ä":"\n"}""",
            BestLoss = bestLoss,
            BestStep = 100,
        };
        var path = TrainingCheckpoint.Save(folder.Path, model, first, second, state);
        Assert.Equal("step-000123.safetensors", Path.GetFileName(path));

        var copy = TestModel.Create();
        var (firstCopy, secondCopy) = (copy.Moments(0), copy.Moments(0));
        Assert.Equal(state, TrainingCheckpoint.Load(folder.Path, copy, firstCopy, secondCopy));
        Assert.Equal(model.ReadAll(), copy.ReadAll());
        Assert.Equal(model.ReadAll(first), copy.ReadAll(firstCopy));
        Assert.Equal(model.ReadAll(second), copy.ReadAll(secondCopy));
        Assert.Equal(state, TrainingCheckpoint.ReadState(path));
    }

    [Fact]
    public void AnInterruptedEvaluationIsRemembered()
    {
        var model = TestModel.Create().Fill();
        var state = new TrainingState { Step = 7, Seed = 1, DataPosition = 7, Unevaluated = new(7, 1.0 / 3, 2e-300, 1e-3, 0.1, null) };
        var path = TrainingCheckpoint.Save(folder.Path, model, model.Moments(0), model.Moments(0), state);
        Assert.Equal(state, TrainingCheckpoint.ReadState(path));
    }

    [Fact]
    public void ARunServesAsWeights()
    {
        var model = TestModel.Create();
        Save(model.Fill(1), 100);
        Save(model.Fill(2), 1000000);
        var copy = TestModel.Create();
        ModelCheckpoint.Load(copy, folder.Path);
        Assert.Equal(model.ReadAll(), copy.ReadAll());
        Assert.Contains("n_head", Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(TestModel.Create(heads: 1), folder.Path)).Message);
    }

    /// <summary>Those of a later step than the one that is gone back to belong to the course that is given up.</summary>
    [Fact]
    public void TheBestWeightsAreSetAsideWithLaterCheckpoints()
    {
        var model = TestModel.Create();
        Save(model, 1);
        TrainingCheckpoint.SaveBest(folder.Path, model, new() { Step = 2, Seed = 1, DataPosition = 2 }, static () => "");
        // A run that was killed comes to them again.
        Assert.Empty(TrainingCheckpoint.SetAsideAfter(folder.Path, 1));
        Save(model, 3);
        Assert.Equal(
            ["abandoned-step-000003.safetensors", "abandoned-best.safetensors"],
            TrainingCheckpoint.SetAsideAfter(folder.Path, 1).Select(Path.GetFileName));
    }

    [Fact]
    public void OnlyTheNewestAreKept()
    {
        var model = TestModel.Create();
        folder.Write("step-x.safetensors", [1]);
        foreach (var step in (ReadOnlySpan<long>)[1, 2, 10, 999999, 1000000])
            Save(model, step, keep: 3);
        Assert.Equal([10, 999999, 1000000], TrainingCheckpoint.List(folder.Path).Select(static entry => entry.Step));
        Assert.Equal(4, Directory.GetFileSystemEntries(folder.Path).Length);

        // Going on from an older step: the file just written stays, whatever its number.
        Save(model, 5, keep: 2);
        Assert.Equal([5, 1000000], TrainingCheckpoint.List(folder.Path).Select(static entry => entry.Step));
    }

    [Fact]
    public void WhatCannotBeResumedIsRefused()
    {
        var model = TestModel.Create().Fill();
        AssertRefused(folder.Path, "no training checkpoint");
        Assert.Null(TrainingCheckpoint.FindLatest(folder.File("none")));
        ModelCheckpoint.Save(model, folder.File("weights.safetensors"));
        AssertRefused(folder.File("weights.safetensors"), "is not a training checkpoint");
        var path = Save(model, 1);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^8]);
        AssertRefused(path, "not a sound safetensors file");
        var tensors = ParameterTensors.Sources(model.Description, model.Parameters, static name => name).ToList();
        SafetensorsWriter.Write(path, tensors, metadata: new TrainingState { Step = 1, Seed = 1, DataPosition = 1 }.ToMetadata());
        AssertRefused(path, "lacks the tensor 'optimizer.first_moment.wte.weight'");
    }

    [Fact]
    public void ADamagedCheckpointNamesTheSoundOneBeforeIt()
    {
        var model = TestModel.Create().Fill();
        var (older, poisoned, newest) = (Save(model, 1), Save(model, 2), Save(model, 3));
        Rewrite(poisoned, static bytes => BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 4), float.NaN));
        foreach (var damage in (Func<byte[], byte[]>[])[
            static bytes => bytes[..^8], static bytes => [], static bytes => Flip(bytes, bytes.Length - 20)])
        {
            var whole = File.ReadAllBytes(newest);
            File.WriteAllBytes(newest, damage(whole));
            AssertRefused(folder.Path, $"The checkpoint before it, '{older}', is sound");
            var message = Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(model, folder.Path)).Message;
            Assert.Contains(newest, message);
            File.WriteAllBytes(newest, whole);
        }

        AssertRefused(poisoned, "its training has diverged");
    }

    /// <summary>Files from before there were checksums have no such entry; that of a state that diverged is refused all the same.</summary>
    [Fact]
    public void AnEarlierCheckpointWithoutAChecksumLoads()
    {
        var model = TestModel.Create().Fill();
        var path = Save(model, 1);
        // A key that nobody knows takes the place of the checksum's.
        Rewrite(path, static bytes => bytes[bytes.AsSpan().IndexOf("checksum"u8)] = (byte)'C');
        TrainingCheckpoint.Load(path, model, model.Moments(0), model.Moments(0));
        Rewrite(path, static bytes => BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 4), float.PositiveInfinity));
        AssertRefused(path, "its training has diverged");
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void AStateThatIsNoNumberIsNotWritten(float value)
    {
        var model = TestModel.Create().Fill();
        Save(model, 1, keep: 1);
        foreach (var arena in (Arena[])[model.Parameters, model.Moments(2), model.Moments(3)])
        {
            var parameter = model.Description.Parameters[^1];
            var before = model.Read(parameter.Name, arena);
            arena.Write(parameter.Offset + parameter.Count - 1, [value]);
            var (first, second) = arena == model.Parameters ? (model.Moments(2), model.Moments(3)) : (arena, arena);
            var state = new TrainingState { Step = 2, Seed = 1, DataPosition = 0 };
            Assert.Contains(
                "what is no number",
                Assert.Throws<GptGenException>(() => TrainingCheckpoint.Save(folder.Path, model, first, second, state, keep: 1)).Message);
            arena.Write(parameter.Offset, before);
        }

        Assert.Equal([1], TrainingCheckpoint.List(folder.Path).Select(static entry => entry.Step));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void WhatWasSetAsideIsNotOverwritten()
    {
        for (byte round = 1; round <= 3; round++)
        {
            folder.Write("step-000002.safetensors", [round]);
            folder.Write("step-000001.safetensors", [0]);
            TrainingCheckpoint.SetAsideAfter(folder.Path, 1);
        }

        Assert.Equal(
            [[1], [2], [3]],
            ((string[])["abandoned-step-000002", "abandoned-step-000002-2", "abandoned-step-000002-3"]).Select(
                name => File.ReadAllBytes(folder.File(name + ".safetensors"))));
    }

    /// <summary>Each step of writing a checkpoint fails once: there is always one to go on from, and no unfinished file.</summary>
    [Fact]
    public void AFailureOfEachStepOfSavingLeavesACheckpointToGoOnFrom()
    {
        var model = TestModel.Create().Fill();
        var steps = new List<GptGen.Files.FileStep>();
        Save(model, 1, keep: 1);
        for (var failing = 0; failing <= steps.Count; failing++)
        {
            steps.Clear();
            var error = Record.Exception(() => Trial.Failing(failing, steps, () => Save(model, 2, keep: 1)));
            Assert.Equal(failing < steps.Count, error is GptGenException);
            var state = TrainingCheckpoint.Load(folder.Path, model, model.Moments(0), model.Moments(0));
            Assert.Equal(error is null || steps[^1] == GptGen.Files.FileStep.SyncFolder ? 2 : 1, state.Step);
            Assert.All(Directory.GetFiles(folder.Path), static path => Assert.StartsWith("step-", Path.GetFileName(path)));
            if (error is null)
                break;
            File.Delete(folder.File("step-000002.safetensors"));
            Save(model, 1, keep: 1);
        }

        Assert.True(steps.Count >= 5);
    }

    /// <summary>Whatever single bit is flipped, a resumed run never goes on from other numbers than were saved.</summary>
    [Fact]
    public void EveryFlippedBitIsNoticed()
    {
        var model = TestModel.Create(layers: 1).Fill();
        var state = new TrainingState { Step = 1, Seed = 1, DataPosition = 1, Options = """{"a":[1,2]}""" };
        var path = TrainingCheckpoint.Save(folder.Path, model, model.Moments(2), model.Moments(3), state);
        var original = File.ReadAllBytes(path);
        var expected = model.ReadAll();
        var mutant = folder.File("mutant.safetensors");
        var loaded = new List<int>();
        var random = new Random(4);
        // Every byte of the header, and some of the numbers.
        var header = 8 + BitConverter.ToInt32(original);
        var places = Enumerable.Range(0, header).Concat(Enumerable.Range(0, 300).Select(_ => random.Next(header, original.Length)));
        foreach (var place in places)
        {
            File.WriteAllBytes(mutant, Flip(original, place, random.Next(8)));
            try
            {
                Assert.Equal(state, TrainingCheckpoint.Load(mutant, model, model.Moments(0), model.Moments(0)));
                Assert.Equal(expected, model.ReadAll());
                loaded.Add(place);
            }
            catch (GptGenException error)
            {
                Assert.DoesNotContain('\n', error.Message);
            }
        }

        // Only where the checksum's own name is hit, it is not known to be one.
        var name = original.AsSpan().IndexOf("checksum"u8);
        Assert.All(loaded, place => Assert.InRange(place, name, name + 7));
    }

    private static byte[] Flip(byte[] bytes, int place, int bit = 0)
    {
        bytes = (byte[])bytes.Clone();
        bytes[place] ^= (byte)(1 << bit);
        return bytes;
    }

    private static void Rewrite(string path, Action<byte[]> change)
    {
        var bytes = File.ReadAllBytes(path);
        change(bytes);
        File.WriteAllBytes(path, bytes);
    }

    private string Save(TestModel model, long step, int keep = 10) => TrainingCheckpoint.Save(
        folder.Path, model, model.Moments(0), model.Moments(0), new TrainingState { Step = step, Seed = 1, DataPosition = 0 }, keep);

    private static void AssertRefused(string path, string reason)
    {
        var model = TestModel.Create().Fill(99);
        var before = model.ReadAll();
        var message = Assert.Throws<GptGenException>(() => TrainingCheckpoint.Load(path, model, model.Moments(0), model.Moments(0))).Message;
        Assert.Contains(reason, message);
        Assert.Equal(before, model.ReadAll());
    }
}
