using System.IO.Compression;
using System.Text;
using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>Weights as people have them, through the command line: read as they are meant, or refused by what they are.</summary>
public sealed class WeightsCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <summary>A folder as <c>convert</c> writes it.</summary>
    public WeightsCommandTests()
    {
        using var device = new CpuDevice(1);
        using var model = Gpt2Nano.Create(device);
        model.Initialize(seed: 3);
        ModelCheckpoint.Save(model, Hub);
    }

    private string Hub => folder.File("hf");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("\"scale_attn_weights\": true", "\"scale_attn_weights\": false", "sets 'scale_attn_weights' to false")]
    [InlineData(
        "\"scale_attn_weights\": true", "\"scale_attn_weights\": true, \"scale_attn_by_inverse_layer_idx\": true",
        "sets 'scale_attn_by_inverse_layer_idx' to true")]
    [InlineData(
        "\"gelu_new\"", "\"gelu\"",
        "Nearest is gpt2-nano: '*/hf/config.json' describes another model: activation_function is gelu, but gpt2-nano has gelu_new")]
    [InlineData(
        "\"n_embd\": 128", "\"n_embd\": 100",
        "Nearest is gpt2-nano: '*/hf/config.json' describes another model: n_embd is 100, but gpt2-nano has 128")]
    public void AConfigThatChangesTheComputationIsRefusedByKey(string from, string to, string expected)
    {
        Configure(text => text.Replace(from, to, StringComparison.Ordinal));
        Assert.Contains(expected.Replace("*", folder.Path, StringComparison.Ordinal), Features());
    }

    [Fact]
    public void WeightsAreKeptInSmallerTypesWhereTheCpuUsesThem()
    {
        string Written(params string[] more) => CommandLine.Succeed(
            ["generate", "--weights", Hub, "--prompt", "The ", "--tokens", "20", "--temperature", "0", "--device", "cpu", .. more]);
        Assert.Equal(Written(), Written("--weights-type", "f32"));
        foreach (var type in (string[])["bf16", "q8_0", "iq4_nl"])
            Assert.StartsWith("The ", Written("--weights-type", type));
        string[] start = ["generate", "--weights", Hub, "--prompt", "The ", "--weights-type"];
        Assert.Contains("must be one of f32, bf16, q8_0, iq4_nl", CommandLine.Fail([.. start, "f16"]));
        Assert.Contains("is for the CPU", CommandLine.Fail([.. start, "q8_0", "--device", "cuda"]));
        Assert.Contains("leave one of them out", CommandLine.Fail([.. start, "q8_0", "--precision", "bf16"]));
        using var device = new CpuDevice(1);
        using var elmo = ElmoMiniChars.Create(device);
        elmo.Initialize(seed: 1);
        ModelCheckpoint.Save(elmo, folder.File("elmo"));
        Assert.Contains(
            "computes CharacterConvolution, which reads weights as F32 alone",
            CommandLine.Fail("features", "--weights", folder.File("elmo"), "--prompt", "a", "--weights-type", "q8_0"));
    }

    [Theory]
    [InlineData("cut", "config.json' is not valid JSON (", "features")]
    [InlineData("list", "config.json' is not a JSON object but a list", "generate")]
    [InlineData("mark", "config.json' is not valid JSON (it begins with a byte order mark", "convert")]
    public void ADamagedConfigIsReportedAsItself(string damage, string expected, string command)
    {
        Configure(text => damage switch
        {
            "cut" => text[..100],
            "list" => "[]",
            _ => "\uFEFF" + text,
        });
        string[] more = command == "convert" ? ["--out", folder.File("out.safetensors")] : ["--prompt", "The "];
        var message = CommandLine.Fail([command, "--weights", Hub, .. more]);
        Assert.Contains(expected, message);
        Assert.DoesNotContain("fit none", message);
        Assert.Contains(expected, CommandLine.Fail([command, "--model", "gpt2-nano", "--weights", Hub, .. more]));
    }

    [Fact]
    public void PythonsNumbersAreReadAndUnknownKeysNamed()
    {
        Configure(
            static text => text.Replace("\"n_ctx\"", "\"summary_first_dropout\": NaN, \"own_key\": -Infinity, \"n_ctx\"", StringComparison.Ordinal));
        var result = CommandLine.Run("features", "--weights", Hub, "--prompt", "The ");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("note: ", result.Error);
        Assert.Contains("'own_key'", result.Error);
    }

    [Fact]
    public void FilesOfOtherFormatsAreNamedWithTheWayToWeights()
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry("archive/data.pkl").Open();
            entry.Write(new byte[3000]);
        }

        foreach (var name in (string[])["pytorch_model.bin", "ckpt.pt"])
        {
            var message = Refused(folder.Write($"torch/{name}", stream.ToArray()));
            Assert.Contains("is a PyTorch file", message);
            Assert.Contains("save_pretrained(FOLDER, safe_serialization=True)", message);
        }

        Assert.Contains("is a GGUF file of version 0", Refused(folder.Write("m.gguf", [.. "GGUF"u8, .. new byte[4000]])));
        var inFolder = Refused(folder.File("torch"));
        Assert.Contains("'pytorch_model.bin'", inFolder);
        Assert.Contains("safe_serialization=True", inFolder);
    }

    /// <summary>
    /// A state_dict of nanoGPT: matrices [out, in], a head, a vocabulary of 64 more rows. The numbers that come out are the model's.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ACheckpointOfNanoGptIsRead(bool isPadded)
    {
        var expected = CommandLine.Succeed("features", "--weights", Hub, "--prompt", "The ");
        var path = folder.File("nano/model.safetensors");
        Directory.CreateDirectory(folder.File("nano"));
        using (var file = SafetensorsFile.Open(Path.Combine(Hub, "model.safetensors")))
            SafetensorsWriter.Write(path, [.. file.Tensors.Select(tensor => Turned(file, tensor, isPadded ? 64 : 0))]);
        if (isPadded)
        {
            folder.Write(
                "nano/config.json",
                File.ReadAllText(Path.Combine(Hub, "config.json")).Replace("\"vocab_size\": 256", "\"vocab_size\": 320", StringComparison.Ordinal));
        }

        var result = CommandLine.Run("features", "--weights", folder.File("nano"), "--prompt", "The ");
        Assert.Equal(expected, result.Output);
        Assert.Contains("as nn.Linear and nanoGPT store them", result.Error);
        Assert.Equal(isPadded, result.Error.Contains("padding", StringComparison.Ordinal));
    }

    [Fact]
    public void OnlyWhatCanBeWrittenIsATarget()
    {
        foreach (var name in (string[])["weights.ggml", "weights.pt", "weights.onnx"])
        {
            var message = CommandLine.Fail("convert", "--weights", Hub, "--out", folder.File(name));
            Assert.Contains("a folder, a .safetensors file, a .bin file (llm.c) or a .gguf file (llama.cpp)", message);
            Assert.False(Path.Exists(folder.File(name)));
        }

        CommandLine.Succeed("convert", "--weights", Hub, "--out", folder.File("v1.0"));
        Assert.True(File.Exists(folder.File("v1.0/model.safetensors")));
    }

    /// <summary>What a GGUF file holds goes out and in without a tokenizer being named; a run that begins with it keeps the tokenizer.</summary>
    [Fact]
    public void AFileOfLlamaCppIsWrittenAndReadWithItsTokenizer()
    {
        var expected = CommandLine.Succeed("features", "--weights", Hub, "--prompt", "The ");
        var path = folder.File("m.gguf");
        var written = CommandLine.Run("convert", "--weights", Hub, "--out", path);
        Assert.Equal(0, written.ExitCode);
        Assert.Contains("token 11", written.Error);
        var read = CommandLine.Run("features", "--weights", path, "--prompt", "The ");
        Assert.Equal((expected, ""), (read.Output, read.Error));
        CommandLine.Succeed("convert", "--weights", path, "--out", folder.File("back"));
        Assert.Equal(File.ReadAllBytes(Path.Combine(Hub, "model.safetensors")), File.ReadAllBytes(folder.File("back/model.safetensors")));
        Assert.True(File.Exists(folder.File("back/vocab.json")));
        Assert.True(
            new FileInfo(path).Length > 3 * Converted("q8_0").Length, "Q8_0 takes a good quarter of F32.");
        Assert.Contains("only .gguf files hold it", CommandLine.Fail("convert", "--weights", Hub, "--type", "q8_0", "--out", folder.File("q")));

        folder.Write("text.txt", TinyRun.Text);
        CommandLine.Succeed(TinyRun.Arguments(folder.File("text.txt"), folder.File("run"), steps: 1, saveEvery: 0, "--weights", path));
        File.Delete(path);
        CommandLine.Succeed("generate", "--weights", folder.File("run"), "--tokens", "2", "--device", "cpu");

        FileInfo Converted(string type)
        {
            CommandLine.Succeed("convert", "--weights", Hub, "--type", type, "--out", folder.File($"{type}.gguf"));
            return new(folder.File($"{type}.gguf"));
        }
    }

    [Fact]
    public void ALoneFileTellsTheModelsApart()
    {
        var path = folder.File("lone.safetensors");
        File.Copy(Path.Combine(Hub, "model.safetensors"), path);
        CommandLine.Succeed("features", "--weights", path, "--prompt", "a");
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(path));
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(text.Replace("n_head\\u0022: 4", "n_head\\u0022: 8", StringComparison.Ordinal)));
        var message = Refused(path);
        Assert.Contains("n_head is 8, but gpt2-nano has 4", message);
    }

    private static TensorSource Turned(SafetensorsFile file, SafetensorsTensor tensor, int rows)
    {
        var values = file.ReadAll(tensor.Name);
        var shape = tensor.Shape.ToArray();
        if (shape.Length == 2 && tensor.Name.Contains(".c_", StringComparison.Ordinal))
        {
            var turned = new float[values.Length];
            for (var at = 0; at < values.Length; at++)
                turned[(at % shape[1] * shape[0]) + (at / shape[1])] = values[at];
            (values, shape) = (turned, [shape[1], shape[0]]);
        }
        else if (tensor.Name.EndsWith("wte.weight", StringComparison.Ordinal))
        {
            (values, shape) = ([.. values, .. new float[rows * shape[1]]], [shape[0] + rows, shape[1]]);
        }

        return new(tensor.Name, shape, (first, part) => values.AsSpan((int)first, part.Length).CopyTo(part));
    }

    private static string Refused(string weights) => CommandLine.Fail("features", "--weights", weights, "--prompt", "The ");

    private void Configure(Func<string, string> edit)
    {
        var path = Path.Combine(Hub, "config.json");
        File.WriteAllText(path, edit(File.ReadAllText(path)), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }

    private string Features() => Refused(Hub);
}
