using System.Buffers.Binary;
using System.Text;
using GptGen.Checkpoints;
using GptGen.Checkpoints.Gguf;
using GptGen.Runtime.Tests.Models;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>GGUF files of GPT-2: what is written is read, what llama.cpp would compute otherwise is refused, and damage has a name.</summary>
public sealed class GgufTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(ElementType.F32, true, 0)]
    [InlineData(ElementType.F16, false, 3e-4f)]
    [InlineData(ElementType.BF16, true, 2e-3f)]
    // Rows of 4 numbers fill no block: they are F16.
    [InlineData(ElementType.Q8_0, true, 3e-4f)]
    [InlineData(ElementType.IQ4_NL, false, 3e-4f)]
    public void WhatIsWrittenIsRead(ElementType type, bool tied, float tolerance)
    {
        var model = TestModel.Create(tied: tied).Fill();
        ModelCheckpoint.Save(model, folder.File("x.gguf"), type);
        File.Copy(folder.File("x.gguf"), folder.File("renamed"));
        foreach (var name in (string[])["x.gguf", "renamed"])
        {
            var copy = TestModel.Create(tied: tied);
            var notes = new List<string>();
            ModelCheckpoint.Load(copy, folder.File(name), notes.Add);
            Assert.Empty(notes);
            Assert.All(
                model.ReadAll().Zip(copy.ReadAll()), pair => Assert.InRange(pair.Second, pair.First - tolerance, pair.First + tolerance));
            Assert.Equal("TestModel", ModelCheckpoint.FindModel(folder.File(name), [TestModel.Golden().Description, copy.Description])?.Name);
        }
    }

    [Fact]
    public void BlocksRoundAsGgmlDoes()
    {
        float[] values = [.. Enumerable.Range(0, 32).Select(static index => (index - 16) * 0.25f)];
        var bytes = new byte[QuantizedBlocks.Size];
        Assert.True(QuantizedBlocks.Encode(values, bytes));
        var scale = 4f / 127;
        Assert.Equal((Half)scale, BinaryPrimitives.ReadHalfLittleEndian(bytes));
        Assert.Equal((sbyte)-127, (sbyte)bytes[2]);
        // 0.25 / (4 / 127) = 7.9375; 1.25 / … = 39.69.
        Assert.Equal([8, 40], [(int)bytes[2 + 17], bytes[2 + 21]]);
        var back = new float[32];
        QuantizedBlocks.Decode(bytes, back);
        Assert.All(values.Zip(back), pair => Assert.InRange(pair.Second, pair.First - (scale * 0.51f), pair.First + (scale * 0.51f)));
        Assert.True(QuantizedBlocks.Encode(new float[32], bytes));
        Assert.All(bytes, static value => Assert.Equal(0, value));
        Assert.False(QuantizedBlocks.Encode([.. values[..31], float.NaN], bytes));
        Assert.False(QuantizedBlocks.Encode([.. values[..31], 1e9f], bytes));
    }

    /// <summary>Reading from within a block on, and across blocks.</summary>
    [Fact]
    public void AnyPartOfABlockedTensorCanBeRead()
    {
        using var device = new CpuDevice(1);
        using var model = BareUntied.Create(device);
        model.Initialize(seed: 3);
        ModelCheckpoint.Save(model, folder.File("x.gguf"), ElementType.Q8_0);
        using var file = GgufFile.Open(folder.File("x.gguf"));
        var tensor = file.Tensors.Single(static tensor => tensor.Name == "wte.weight");
        Assert.Equal("Q8_0", tensor.Type);
        var all = new float[tensor.Count];
        file.Read(tensor, 0, all);
        foreach (var (first, count) in (ReadOnlySpan<(int, int)>)[(0, 1), (31, 2), (40, 100), (all.Length - 33, 33), (5, all.Length - 5)])
        {
            var part = new float[count];
            file.Read(tensor, first, part);
            Assert.Equal(all[first..(first + count)], part);
        }
    }

    /// <summary>A class without biases, whose zeros llama.cpp needs, reads its own file; one with biases reads it too.</summary>
    [Fact]
    public void ZeroBiasesAreThere()
    {
        using var device = new CpuDevice(1);
        using var model = BareUntied.Create(device);
        model.Initialize(seed: 3);
        ModelCheckpoint.Save(model, folder.File("x.gguf"));
        using var copy = BareUntied.Create(device);
        ModelCheckpoint.Load(copy, folder.File("x.gguf"));
        Assert.Equal(ParameterTensors.Read(model.Parameters, model.Description.FindParameter("h.1.mlp.c_fc.weight")),
            ParameterTensors.Read(copy.Parameters, copy.Description.FindParameter("h.1.mlp.c_fc.weight")));
        using var file = GgufFile.Open(folder.File("x.gguf"));
        Assert.Equal(2 * 6 + 1, file.Tensors.Count(static tensor => tensor.Name.EndsWith(".bias", StringComparison.Ordinal)));
    }

    [Fact]
    public void WhatLlamaCppDoesNotComputeIsRefusedByName()
    {
        using var device = new CpuDevice(1);
        Refused(TestModel.Create(isGpt1: true), "llama.cpp has no GPT-1");
        Refused(TestModel.Create(activation: Activation.GeluErf), "computes GeluTanh, this model GeluErf");
        Refused(TestModel.Create(activation: Activation.Relu), "this model Relu");
        using var after = PostNormalized.Create(device);
        Refused(after, "normalises before each sublayer");
        using var encoder = SmallEncoder.Create(device);
        Refused(encoder, "not of bert");
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));

        var model = TestModel.Create(vocabulary: 300).Fill();
        Assert.Contains(
            "only .gguf files hold it",
            Assert.Throws<GptGenException>(() => ModelCheckpoint.Save(model, folder.File("x.safetensors"), ElementType.Q8_0)).Message);
        folder.Write("words/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n");
        Assert.Contains(
            "is not byte-level byte-pair encoding",
            Assert.Throws<GptGenException>(
                () => ModelCheckpoint.Save(model, folder.File("x.gguf"), tokenizer: Tokenizer.Open(folder.File("words")))).Message);
        Fill(model, 1e6f);
        Assert.Contains(
            "do not fit F16",
            Assert.Throws<GptGenException>(() => ModelCheckpoint.Save(model, folder.File("x.gguf"), ElementType.F16)).Message);
        Assert.Equal(["words"], Directory.GetFileSystemEntries(folder.Path).Select(static path => Path.GetFileName(path)));
    }

    [Theory]
    [InlineData("magic", "is not a GGUF file")]
    [InlineData("version 1", "of version 1, but 2 and 3 are read")]
    [InlineData("big-endian", "big-endian order")]
    [InlineData("tensors", "claims 18446744073709551615 tensors")]
    [InlineData("pairs", "claims 1152921504606846976 pairs of metadata")]
    [InlineData("type", "is of type Q4_K, but F32, F16, BF16, Q8_0 and IQ4_NL are read")]
    [InlineData("unknown type", "is of type 77")]
    [InlineData("overlap", "overlap")]
    [InlineData("unaligned", "which is no multiple of 32")]
    [InlineData("beyond", "reaches beyond its end")]
    [InlineData("cut header", "tensors, but only")]
    [InlineData("cut data", "it is truncated")]
    [InlineData("value type", "has the type 99")]
    public void ADamagedFileIsRefusedInOneLine(string damage, string expected)
    {
        ModelCheckpoint.Save(TestModel.Create().Fill(), folder.File("good.gguf"));
        var bytes = File.ReadAllBytes(folder.File("good.gguf"));
        // Behind a tensor's name stand the number of its dimensions, they, the type and the place.
        var positions = bytes.AsSpan().IndexOf("position_embd.weight"u8) + "position_embd.weight"u8.Length + sizeof(uint) + (2 * sizeof(ulong));
        void Number(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), value);
        void Long(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), value);
        switch (damage)
        {
            case "magic":
                bytes[0] = (byte)'g';
                break;
            case "version 1":
                Number(4, 1);
                break;
            case "big-endian":
                Number(4, 3u << 24);
                break;
            case "tensors":
                Long(8, ulong.MaxValue);
                break;
            case "pairs":
                Long(16, 1ul << 60);
                break;
            case "type":
                Number(positions, 12);
                break;
            case "unknown type":
                Number(positions, 77);
                break;
            case "overlap":
                Long(positions + sizeof(uint), 32);
                break;
            case "unaligned":
                Long(positions + sizeof(uint), 33);
                break;
            case "beyond":
                Long(positions + sizeof(uint), 1ul << 40);
                break;
            case "cut header":
                bytes = bytes[..positions];
                break;
            case "cut data":
                bytes = bytes[..^64];
                break;
            default:
                Number(bytes.AsSpan().IndexOf("general.architecture"u8) + "general.architecture"u8.Length, 99);
                break;
        }

        var message = Assert.Throws<GptGenException>(
            () => ModelCheckpoint.Load(TestModel.Create(), folder.Write("x.gguf", bytes))).Message;
        Assert.Contains(expected, message);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("general.architecture", "llama", "of the architecture 'llama', but only gpt2 is read")]
    [InlineData("general.type", "adapter", "of the kind 'adapter'")]
    [InlineData("gpt2.attention.head_count", 1u, "n_head is 1, but TestModel has 2")]
    [InlineData("gpt2.block_count", "two", "'gpt2.block_count' is no whole number")]
    [InlineData("split.count", 3u, "gguf-split --merge")]
    [InlineData("general.alignment", 33u, "must be a power of two")]
    public void AnotherModelIsNamed(string key, object value, string expected)
    {
        var path = Rewritten(values => values[key] = value);
        Assert.Contains(expected, Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(TestModel.Create(), path)).Message);
    }

    [Theory]
    [InlineData("tokenizer.ggml.model", "llama", "tokenizer.ggml.model is 'llama'")]
    [InlineData("tokenizer.ggml.pre", "llama-bpe", "tokenizer.ggml.pre is 'llama-bpe'")]
    [InlineData("tokenizer.ggml.add_bos_token", true, "add_bos_token is true")]
    [InlineData("tokenizer.ggml.eos_token_id", 9999u, "'tokenizer.ggml.eos_token_id' is 9999, which is no token")]
    [InlineData("tokenizer.ggml.merges", new[] { "a b c" }, "merges[0]: 'a b c' is not a pair of tokens")]
    [InlineData("tokenizer.ggml.token_type", new[] { 1 }, "260 tokens, but 1 types")]
    public void ATokenizerOfAnotherKindIsNamed(string key, object value, string expected)
    {
        var path = Rewritten(values => values[key] = value);
        Assert.Contains(expected, Assert.Throws<GptGenException>(() => Tokenizer.Open(path)).Message);
    }

    /// <summary>Vocabularies are read when they are asked for, but a type that the format does not have leads to no next key.</summary>
    [Fact]
    public void AnArrayOfAnUnknownTypeIsRefused()
    {
        var path = Rewritten(static _ => { });
        var bytes = File.ReadAllBytes(path);
        var type = bytes.AsSpan().IndexOf("tokenizer.ggml.token_type"u8) + "tokenizer.ggml.token_type"u8.Length + sizeof(uint);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(type), 99);
        File.WriteAllBytes(path, bytes);
        Assert.Contains(
            "a value has the type 99", Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(TestModel.Create(vocabulary: 260), path)).Message);
    }

    [Fact]
    public void AFileWithoutTokenizerSaysSo()
    {
        ModelCheckpoint.Save(TestModel.Create().Fill(), folder.File("x.gguf"));
        Assert.Contains("has no tokenizer inside", Assert.Throws<GptGenException>(() => Tokenizer.Open(folder.File("x.gguf"))).Message);
        Assert.Null(Tokenizer.OpenFor(folder.File("x.gguf")));
    }

    /// <summary>A model and tokenizer whose file is written anew with other metadata.</summary>
    private string Rewritten(Action<Dictionary<string, object>> change)
    {
        var model = TestModel.Create(vocabulary: 260).Fill();
        var values = GgufTokenizer.Values(ByteTokenizer.Instance, 260, "x").ToDictionary(static pair => pair.Key, static pair => pair.Value);
        foreach (var (key, value) in (ReadOnlySpan<(string, object)>)[
            ("general.architecture", "gpt2"), ("gpt2.block_count", 2u), ("gpt2.attention.head_count", 2u), ("gpt2.embedding_length", 4u),
            ("gpt2.context_length", 6u), ("gpt2.attention.layer_norm_epsilon", 1e-5f)])
            values[key] = value;
        change(values);
        var tensors = ParameterTensors.Sources(model.Description, model.Parameters, GgufNames.Of)
            .Select(static source => new GgufTensor(source, ElementType.F32)).ToList();
        AtomicFile.Write(
            folder.File("x.gguf"), stream => new GgufWriter(stream).Write([.. values.Select(static pair => (pair.Key, pair.Value))], tensors));
        return folder.File("x.gguf");
    }

    private void Refused(Model model, string expected)
    {
        var message = Assert.Throws<GptGenException>(() => ModelCheckpoint.Save(model, folder.File("x.gguf"))).Message;
        Assert.Contains(expected, message);
        Assert.Contains($"cannot hold {model.Description.Name}", message);
    }

    private static void Fill(TestModel model, float value)
    {
        foreach (var parameter in model.Description.Parameters)
        {
            var values = new float[parameter.Count];
            Array.Fill(values, value);
            model.Parameters.Write(parameter.Offset, values);
        }
    }
}
