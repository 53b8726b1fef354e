using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>Files that people have in place of weights are told by what is in them, and the remedy fits.</summary>
public sealed class ForeignFileTests : IDisposable
{
    private const string Onnx = "\u0008\u0008\u0012\u0007pytorch\u001A\u00052.0.0";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, byte[], string, string> Files => new()
    {
        { "PyTorch", Zip("archive/data.pkl"), "a PyTorch file", "safe_serialization=True" },
        { "PyTorch, late entry", Zip("ckpt/version", "ckpt/byteorder", "ckpt/data.pkl"), "a PyTorch file", "safe_serialization=True" },
        { "NumPy archive", Zip("wte.npy"), "NumPy archive", "safetensors.numpy" },
        { "zip", Zip("readme.txt"), "a zip archive", "unpack" },
        { "old PyTorch", [0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20], "a pickle", "safe_serialization=True" },
        { "GGML", [.. "tjgg"u8, 3, .. new byte[64]], "a GGML file", "from which it was made" },
        { "HDF5", [0x89, .. "HDF\r\n"u8, 0x1A, 0x0A, .. new byte[64]], "an HDF5 file", "from_tf=True" },
        { "TensorFlow", [.. new byte[64], 0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB], "TensorFlow checkpoint", "from_tf=True" },
        { "Flax", [0x81, 0xAB, .. "transformer"u8, 0x82, 0xA1, (byte)'h', 0x80], "MessagePack", "from_flax=True" },
        { "ONNX", Encoding.Latin1.GetBytes(Onnx), "an ONNX file", "from which it was made" },
        { "NumPy", [0x93, .. "NUMPY"u8, 1, 0, .. new byte[64]], "one array of NumPy's", "params_shapes.json" },
        { "gzip", [0x1F, 0x8B, 8, .. new byte[64]], "gzip", "gunzip" },
        { "tar", Tar(), "a tar archive", "unpack" },
        { "tokens", Integers(20240520, 1, 100), "a file of tokens", "data to train" },
        { "llm.c's state", Integers(20240527, 1, 100), "optimiser's state", "model_" },
        { "web page", [.. "<!DOCTYPE html>\n<html><head>"u8], "a web page", "/resolve/" },
        { "LFS", [.. "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 548105171\n"u8], "Git LFS pointer", "git lfs pull" },
        { "error", [.. """{"error": "Repository not found"}"""u8], "JSON ({\"error\": \"Repository not found\"})", "download it again" },
        { "text", [.. "Entry not found"u8], "a text (Entry not found)", "download it again" },
        { "empty", [], "an empty file", "again" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void TheKindIsNamedWhateverTheName(string what, byte[] bytes, string kind, string remedy)
    {
        foreach (var name in (string[])["model.safetensors", "pytorch_model.bin", "weights", "ckpt.pt", "m.gguf"])
        {
            var path = folder.Write(name, bytes);
            foreach (var read in (Action[])[
                () => ModelCheckpoint.Load(TestModel.Create(), path), () => ModelCheckpoint.FindModel(path, [TestModel.Create().Description])])
            {
                var message = Assert.Throws<GptGenException>(read).Message;
                Assert.True(message.Contains(kind) && message.Contains(remedy) && message.Contains(path), $"{what} as {name}: {message}");
            }
        }
    }

    [Fact]
    public void AShardAndAPartOfOpenAIsAreToldTheSameWay()
    {
        folder.Write("model.safetensors.index.json", """{"weight_map": {"wte.weight": "model-00001-of-00001.safetensors"}}""");
        folder.Write("model-00001-of-00001.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n");
        Assert.Contains("git lfs pull", Refusal(folder.Path));
        File.Delete(folder.File("model.safetensors.index.json"));
        folder.Write(
            "params_shapes.json", "[[6, 4], [11, 4], [1, 4, 12], [12], [1, 4, 4], [4], [4], [4], [1, 4, 16], [16], [1, 16, 4], [4], [4], [4]]");
        folder.Write("params_0.npy", "<html>");
        Assert.Contains("a web page", Refusal(folder.Path));
    }

    [Fact]
    public void OneShardOfAModelIsNoSmallerModel()
    {
        ModelCheckpoint.Save(TestModel.Create().Fill(), folder.File("model-00001-of-00002.safetensors"));
        var model = TestModel.Create().Description;
        var deeper = model with { Parameters = [.. model.Parameters, model.Parameters[^1] with { Name = "h.9.ln_1.weight" }] };
        using var files = WeightFiles.Open(folder.File("model-00001-of-00002.safetensors"));
        var message = Assert.Throws<GptGenException>(() => WeightMap.Create(files, deeper)).Message;
        Assert.Contains("lacks 'h.9.ln_1.weight'. It is one of several files of a model: name the folder with them", message);
    }

    /// <summary>What a download leaves in place of the small files beside weights is told as it is in place of weights.</summary>
    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors.index.json")]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("vocab.json")]
    [InlineData("merges.txt")]
    public void WhatADownloadLeftInPlaceOfAFileOfTextIsTold(string name)
    {
        folder.Write("vocab.json", "{}");
        folder.Write("merges.txt", "#version: 0.2\n");
        foreach (var (text, said) in (ReadOnlySpan<(string, string)>)[
            ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 548105171\n", "git lfs pull"),
            ("\n<!doctype HTML>\n<html>", "a web page")])
        {
            var path = folder.Write(name, text);
            Action open = name is "config.json" or "model.safetensors.index.json"
                ? () => JsonFile.Read(path).Dispose()
                : () => GptGen.Text.Tokenizer.Open(folder.Path);
            var message = Assert.Throws<GptGenException>(open).Message;
            Assert.True(message.Contains(said) && message.Contains(path), message);
        }
    }

    /// <summary>What a file is does not depend on its name.</summary>
    [Fact]
    public void OurOwnFormatsAreReadUnderEveryName()
    {
        var model = TestModel.Create().Fill();
        ModelCheckpoint.Save(model, folder.File("x.safetensors"));
        ModelCheckpoint.Save(model, folder.File("x.bin"));
        foreach (var (from, to) in (ReadOnlySpan<(string, string)>)[("x.safetensors", "y.bin"), ("x.bin", "z.pt"), ("x.bin", "w.safetensors")])
        {
            File.Copy(folder.File(from), folder.File(to));
            var copy = TestModel.Create();
            ModelCheckpoint.Load(copy, folder.File(to));
            Assert.Equal(model.ReadAll(), copy.ReadAll());
        }
    }

    [Theory]
    [InlineData("pytorch_model.bin", "'pytorch_model.bin', a format that is not read (PyTorch)")]
    [InlineData("pytorch_model-00001-of-00002.bin", "(PyTorch)")]
    [InlineData("tf_model.h5", "(TensorFlow)")]
    [InlineData("flax_model.msgpack", "(Flax)")]
    [InlineData("model.gguf", "'model.gguf': name that file")]
    [InlineData("ckpt.pt", "(PyTorch)")]
    [InlineData("model.onnx", "(ONNX)")]
    [InlineData("gpt2.safetensors", "'gpt2.safetensors': name that file")]
    [InlineData("gpt2_124M.bin", "'gpt2_124M.bin': name that file")]
    [InlineData("model-00001-of-00002.safetensors", "download model.safetensors.index.json as well")]
    [InlineData("adapter_config.json", "merge_and_unload")]
    [InlineData("checkpoint-500/model.safetensors", "'checkpoint-500' has weights: name that")]
    [InlineData("snapshots/607a30d/model.safetensors", "'snapshots/607a30d' has weights: name that")]
    [InlineData("readme.txt", "Name the folder or file of the weights")]
    public void AFolderSaysWhatItHasInstead(string name, string advice)
    {
        folder.Write(name, "x");
        var message = Refusal(folder.Path);
        Assert.Contains(advice, message);
        Assert.Contains("has neither model.safetensors", message);
    }

    [Fact]
    public void AnAdapterBesideTheWeightsIsNotPassedOver()
    {
        ModelCheckpoint.Save(TestModel.Create().Fill(), folder.Path);
        folder.Write("adapter_config.json", "{}");
        Assert.Contains("adapter", Refusal(folder.Path));
    }

    [Theory]
    [InlineData("w.pt")]
    [InlineData("w.pth")]
    [InlineData("w.onnx")]
    [InlineData("w.h5")]
    [InlineData("w.ckpt")]
    [InlineData("w.msgpack")]
    [InlineData("w.npz")]
    [InlineData("w.GGML")]
    [InlineData("w.safetensor")]
    [InlineData("model.json")]
    public void AFormatThatIsNotWrittenIsRefused(string name)
    {
        Assert.Contains(
            $"not as {Path.GetExtension(name)}",
            Assert.Throws<GptGenException>(() => ModelCheckpoint.Save(TestModel.Create(), folder.File(name))).Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("v1.0")]
    [InlineData("gpt2.tuned")]
    [InlineData("run.2026-11-25")]
    [InlineData("there.safetensors")]
    public void AFolderMayHaveADotInItsName(string name)
    {
        if (name.StartsWith("there", StringComparison.Ordinal))
            Directory.CreateDirectory(folder.File(name));
        ModelCheckpoint.Save(TestModel.Create().Fill(), folder.File(name));
        ModelCheckpoint.Load(TestModel.Create(), folder.File(name));
        Assert.True(File.Exists(folder.File($"{name}/config.json")));
    }

    private static byte[] Zip(params string[] names)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var name in names)
            {
                using var entry = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(new byte[5000]);
            }
        }

        return stream.ToArray();
    }

    private static byte[] Tar()
    {
        var bytes = new byte[1024];
        "ustar"u8.CopyTo(bytes.AsSpan(257));
        return bytes;
    }

    private static byte[] Integers(params int[] values)
    {
        var bytes = new byte[2048];
        for (var index = 0; index < values.Length; index++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(index * 4), values[index]);
        return bytes;
    }

    private static string Refusal(string path) => Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(TestModel.Create(), path)).Message;
}
