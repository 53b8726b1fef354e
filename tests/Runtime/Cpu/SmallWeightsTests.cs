using GptGen.Checkpoints;
using GptGen.Checkpoints.Gguf;
using GptGen.Cpu;
using GptGen.Runtime.Tests.Golden;
using GptGen.Runtime.Tests.Models;
using Xunit;

namespace GptGen.Runtime.Tests.Cpu;

/// <summary>Weights that are kept in less than 32 bits: models compute with them what they would with the same numbers in f32.</summary>
public sealed class SmallWeightsTests
{
    public static TheoryData<string, ElementType> LevelsAndTypes
    {
        get
        {
            var data = new TheoryData<string, ElementType>();
            foreach (var level in SimdHardware.Available)
            {
                foreach (var type in (ElementType[])[ElementType.BF16, ElementType.Q8_0, ElementType.IQ4_NL])
                    data.Add(level.ToString(), type);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(LevelsAndTypes))]
    public void ProductsHaveTheBitsOfTheSameNumbersInF32(string level, ElementType type)
    {
        // Prompts of 3 and 48 rows: products of few rows and of many.
        foreach (var rows in (int[])[3, 48])
        {
            using var small = new Pair(level, type, static device => Models.BareUntied.Create(device));
            small.AssertSameLogits(rows);
            // Rows of 264 elements fill no blocks of 32, those of 1056 do.
            using var mixed = new Pair(level, type, static device => WideTiny.Create(device));
            mixed.AssertSameLogits(Math.Min(rows, 36));
            using var other = new Pair(level, type, static device => Gpt1Tiny.Create(device));
            other.AssertSameLogits(rows);
        }
    }

    [Theory]
    [MemberData(nameof(LevelsAndTypes))]
    public void EveryRowIsDecodedToWhatItsCodeSays(string level, ElementType type)
    {
        var random = new Random(5);
        // All codes, scales of either sign, and scales so small that binary16 has no normal number for them.
        var encoded = new byte[type.BytesOf(256)];
        random.NextBytes(encoded);
        for (var start = 0; type.HasBlocks() && start < encoded.Length; start += (int)type.BytesOf(32))
        {
            var scale = start == 0 ? (Half)3e-6f : (Half)(random.NextSingle() - 0.5f);
            BitConverter.TryWriteBytes(encoded.AsSpan(start), scale);
        }

        var (expected, actual) = (new float[256], new float[256]);
        ElementBlocks.Decode(type, encoded, expected);
        using var pool = new WorkerPool(1);
        unsafe
        {
            fixed (byte* from = encoded)
            fixed (float* to = actual)
            {
                var kernel = new DecodeRowsKernel(new(from, (nint)type.BytesOf(64), type), to, 64);
                var job = new RangeJob<DecodeRowsKernel>(kernel, 4, 4);
                pool.Run(Levels.Parse(level), ref job, 1);
            }
        }

        Assert.Equal(Array.ConvertAll(expected, BitConverter.SingleToInt32Bits), Array.ConvertAll(actual, BitConverter.SingleToInt32Bits));
    }

    [Theory]
    [InlineData(ElementType.BF16, 0.004)]
    [InlineData(ElementType.Q8_0, 0.007)]
    [InlineData(ElementType.IQ4_NL, 0.09)]
    public void WhatIsKeptIsNearWhatWasWritten(ElementType type, double most)
    {
        using var device = new CpuDevice(1, type);
        using var model = Models.BareUntied.Create(device);
        var random = new Random(2);
        foreach (var parameter in model.Description.Tensors)
        {
            var values = new float[parameter.Count];
            for (var index = 0; index < values.Length; index++)
                values[index] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble()));
            model.WriteParameter(parameter.Name, values);
            var kept = model.ReadParameter(parameter.Name);
            var error = Math.Sqrt(values.Zip(kept, static (one, other) => Math.Pow(one - other, 2)).Sum() / values.Length);
            // What is kept well enough is kept again as it is.
            model.WriteParameter(parameter.Name, kept);
            if (parameter.IsMatrix)
                Assert.InRange(error, 1e-5, most);
            else
                Assert.Equal(0, error);
            if (type != ElementType.IQ4_NL)
                Assert.Equal(kept, model.ReadParameter(parameter.Name));
        }
    }

    [Fact]
    public void PartsOfBlocksAreReadAndWritten()
    {
        using var device = new CpuDevice(1, ElementType.Q8_0);
        using var model = Models.BareUntied.Create(device);
        var table = model.Description.FindParameter("h.0.mlp.c_fc.weight");
        float[] ones = [.. Enumerable.Repeat(1f, 100)];
        model.Parameters.Write(table.Offset, ones);
        model.Parameters.Write(table.Offset + 30, [-1f, -1f, -1f, -1f, -1f]);
        var read = new float[50];
        model.Parameters.Read(table.Offset + 3, read);
        Assert.All(read, (value, index) => Assert.Equal(index + 3 is >= 30 and < 35 ? -1f : 1f, value, 1e-3f));
        model.Parameters.Clear(table.Offset + 1, 66);
        model.Parameters.Read(table.Offset, read);
        Assert.Equal(1f, read[0], 1e-3f);
        Assert.All(read[1..], static value => Assert.Equal(0f, value));
    }

    [Theory]
    [InlineData(ElementType.BF16)]
    [InlineData(ElementType.Q8_0)]
    [InlineData(ElementType.IQ4_NL)]
    public void FilesOfTheirTypeAreTakenAsTheyAre(ElementType type)
    {
        using var folder = new TemporaryFolder();
        using var full = new CpuDevice(1);
        using var original = Models.BareUntied.Create(full);
        Variants.Fill(original);
        ModelCheckpoint.Save(original, folder.File("x.gguf"), type);
        ModelCheckpoint.Load(original, folder.File("x.gguf"));
        using var device = new CpuDevice(1, type);
        using var model = Models.BareUntied.Create(device);
        ModelCheckpoint.Load(model, folder.File("x.gguf"));
        // Positions stay F32 in such files.
        foreach (var parameter in model.Description.Tensors.Where(static parameter => parameter.Name != "wpe.weight"))
            Assert.Equal(original.ReadParameter(parameter.Name), model.ReadParameter(parameter.Name));

        var bytes = File.ReadAllBytes(folder.File("x.gguf"));
        using (var file = GgufFile.Open(folder.File("x.gguf")))
        {
            var tensor = file.Tensors.First(tensor => tensor.Element == type);
            bytes[tensor.Offset] = 0xFF;
            bytes[tensor.Offset + 1] = 0xFF;
        }

        File.WriteAllBytes(folder.File("x.gguf"), bytes);
        Assert.Contains("not finite", Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(model, folder.File("x.gguf"))).Message);
    }

    [Fact]
    public void SmallWeightsTakeLessMemory()
    {
        var description = LargeTable.Specification;
        double Bytes(ElementType type)
        {
            using var device = new CpuDevice(1, type);
            return device.ParameterBytes(description) / (sizeof(float) * (double)description.ParameterElements);
        }

        Assert.Equal(1, Bytes(ElementType.F32));
        Assert.InRange(Bytes(ElementType.BF16), 0.5, 0.51);
        Assert.InRange(Bytes(ElementType.Q8_0), 0.265, 0.27);
        Assert.InRange(Bytes(ElementType.IQ4_NL), 0.14, 0.265);
    }

    [Fact]
    public void WhatCannotBeDoneIsRefused()
    {
        using var device = new CpuDevice(1, ElementType.Q8_0);
        using var model = Models.BareUntied.Create(device);
        model.Initialize(1);
        using var training = model.CreateTraining(1, 8);
        training.SetBatch(1, 8, [1, 2, 3, 4, 5, 6, 7, 8], [2, 3, 4, 5, 6, 7, 8, 9]);
        training.Forward();
        training.Loss();
        Assert.True(double.IsFinite(training.ReadLoss()));
        Assert.Contains("kept as Q8_0", Assert.Throws<GptGenException>(() => training.Backward(false)).Message);
        Assert.Contains("CharacterConvolution", Assert.Throws<GptGenException>(() => ElmoTiny.Create(device)).Message);
        Assert.Contains(
            "do not fit Q8_0", Assert.Throws<GptGenException>(() => model.WriteParameter("wte.weight", NotFinite(model, "wte.weight"))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new CpuDevice(1, ElementType.F16));
    }

    private static float[] NotFinite(Model model, string name)
    {
        var values = model.ReadParameter(name);
        values[5] = float.NaN;
        return values;
    }

    /// <summary>A model with small weights, and one with the same numbers in f32.</summary>
    private sealed class Pair : IDisposable
    {
        private readonly CpuDevice small;
        private readonly CpuDevice large;
        private readonly LanguageModel model;
        private readonly LanguageModel same;

        public Pair(string level, ElementType type, Func<Device, LanguageModel> create)
        {
            small = new(2, Levels.Parse(level), type);
            large = new(2, Levels.Parse(level));
            model = create(small);
            same = create(large);
            Variants.Fill(model);
            foreach (var parameter in model.Description.Tensors)
                same.WriteParameter(parameter.Name, model.ReadParameter(parameter.Name));
        }

        public void AssertSameLogits(int rows)
        {
            var tokens = Variants.Tokens(model, 3, rows + 1);
            Assert.Equal(Logits(same, tokens), Logits(model, tokens));
        }

        public void Dispose()
        {
            model.Dispose();
            same.Dispose();
            small.Dispose();
            large.Dispose();
        }

        private static float[] Logits(LanguageModel model, int[] tokens)
        {
            var rows = tokens.Length - 1;
            using var inference = model.CreateInference(1, rows + 1, rows, rows);
            inference.PrefillAllLogits(rows, tokens[..rows], [rows], [0]);
            var vocabulary = model.Description.Vocabulary;
            var logits = new float[(rows + 1) * vocabulary];
            for (var row = 0; row < rows; row++)
                inference.ReadLogits(row, logits.AsSpan(row * vocabulary, vocabulary));
            inference.Decode([tokens[rows]], [rows], [0]);
            inference.ReadLogits(0, logits.AsSpan(rows * vocabulary));
            return logits;
        }
    }
}
