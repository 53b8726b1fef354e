using System.Diagnostics;
using System.Text;
using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>No header, name, list or value of a file costs more than a small multiple of its size, in memory or time, or fills a message.</summary>
public sealed class HostileSizesTests : IDisposable
{
    // What a file of a few bytes costs, and what each byte more may cost: an object with its name for a few characters of JSON.
    private const long Least = 8_000_000;
    private const long EachByte = 48;

    // Each takes well under a second; the limit is for machines that do much else.
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Names =>
    [
        string.Concat(Enumerable.Repeat("model.", 50_000)),
        string.Concat(Enumerable.Repeat("model.", 50_000)) + "wte.weight",
        string.Concat(Enumerable.Repeat("a.", 200_000)),
        string.Concat(Enumerable.Repeat("_orig_mod.", 50_000)),
        string.Concat(Enumerable.Repeat("h.0.attn.c_attn.weight.", 20_000)),
        "transformer." + string.Concat(Enumerable.Repeat(".h.", 100_000)),
        new string('.', 400_000),
        new string('x', 1_000_000),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void ATensorsName(string name) => Refused("x.safetensors", Header(Tensor(name)), name.Length);

    [Fact]
    public void ManyTensors()
    {
        var names = Enumerable.Range(0, 20_000).Select(static at => $"transformer.model.h.{at}.attn.c_attn.own{at}");
        var header = Header([.. names.Select(static name => Tensor(name))]);
        Refused("x.safetensors", header, header.Length);
    }

    [Fact]
    public void ManyPrefixes()
    {
        var header = Header([.. Enumerable.Range(0, 20_000).Select(static at => Tensor($"p{at}.wte.weight"))]);
        Refused("x.safetensors", header, header.Length);
    }

    [Theory]
    [InlineData("shape", "\"dtype\":\"F32\",\"shape\":[1{0}],\"data_offsets\":[0,0]", ",1")]
    [InlineData("offsets", "\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0{0}]", ",0")]
    [InlineData("type", "\"dtype\":\"{0}\",\"shape\":[0],\"data_offsets\":[0,0]", "F3")]
    [InlineData("unknown key", "\"{0}\":0", "key")]
    [InlineData("nested", "\"x\":{0}", "[")]
    public void APartOfATensor(string what, string content, string repeated)
    {
        var header = Header($"\"a\":{{{content.Replace("{0}", string.Concat(Enumerable.Repeat(repeated, 200_000)), StringComparison.Ordinal)}}}");
        Assert.NotEmpty(what);
        Refused("x.safetensors", header, header.Length);
    }

    [Fact]
    public void Metadata()
    {
        var long_ = new string('k', 500_000);
        Refused("x.safetensors", Header($$"""
            "__metadata__":{"{{long_}}":1}
            """), long_.Length);
        var many = Header($$"""
            "__metadata__":{{{string.Join(',', Enumerable.Range(0, 30_000).Select(static at => $"\"{at}\":\"\""))}}}
            """);
        Refused("x.safetensors", many, many.Length);
        var config = Header($$"""
            "__metadata__":{"config":"{{new string('[', 500_000)}}"}
            """);
        Refused("x.safetensors", config, config.Length);
    }

    [Fact]
    public void AnIndex()
    {
        var name = string.Concat(Enumerable.Repeat("model.", 50_000));
        var index = $$"""{"weight_map": {"{{name}}": "{{name}}"} }""";
        Refused("model.safetensors.index.json", Encoding.UTF8.GetBytes(index), index.Length);
        index = $$"""{"weight_map": { {{string.Join(',', Enumerable.Range(0, 30_000).Select(static at => $"\"a{at}\": \"s{at}\""))}} } }""";
        Refused("model.safetensors.index.json", Encoding.UTF8.GetBytes(index), index.Length);
    }

    [Theory]
    [InlineData("{\"n_layer\": \"{0}\"}", "x")]
    [InlineData("{\"n_layer\": 1{0}}", "0")]
    [InlineData("{\"{0}\": 1, \"n_layer\": 77}", "key")]
    [InlineData("{\"attn_{0}\": true}", "_")]
    [InlineData("{\"a\": [1{0}], \"n_layer\": 77}", ",1")]
    [InlineData("{\"a\": {0}", "[")]
    [InlineData("{\"a\": NaN{0}", ", NaN")]
    [InlineData("{\"a\": \"{0}\", \"n_layer\": 77}", "NaN\\\"")]
    [InlineData("{\"model_type\": \"{0}\"}", "bert")]
    [InlineData("{\"id2label\": {\"a\": 1{0}}, \"n_layer\": 77}", ", \"a\": 1")]
    public void AConfiguration(string content, string repeated)
    {
        ModelCheckpoint.Save(TestModel.Create().Fill(), folder.Path);
        var text = content.Replace("{0}", string.Concat(Enumerable.Repeat(repeated, 200_000)), StringComparison.Ordinal);
        folder.Write("config.json", text);
        Refused(folder.Path, text.Length);
    }

    [Fact]
    public void OpenAIsFiles()
    {
        Refused("params_shapes.json", Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat("[]", 300_000))}]"), 900_000);
        Refused("params_shapes.json", Encoding.UTF8.GetBytes($"[[{string.Join(',', Enumerable.Repeat("1", 300_000))}]]"), 600_000);
        folder.Write(
            "params_shapes.json", "[[6, 4], [11, 4], [1, 4, 12], [12], [1, 4, 4], [4], [4], [4], [1, 4, 16], [16], [1, 16, 4], [4], [4], [4]]");
        foreach (var repeated in (string[])["'descr': ", "'descr':      '<f", "'fortran_order': ", "'shape': (1,1,1,", "1,"])
        {
            var many = string.Concat(Enumerable.Repeat(repeated, 60_000 / repeated.Length));
            var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({(repeated == "1," ? "" : "x")}{many}";
            folder.Write(
                "params_0.npy", [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.ASCII.GetBytes(header)]);
            Refused(folder.Path, header.Length);
        }
    }

    private static string Tensor(string name) => $$"""
        "{{name}}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}
        """;

    private static byte[] Header(params string[] entries) => RawSafetensors.Bytes($"{{{string.Join(',', entries)}}}", []);

    private void Refused(string name, byte[] bytes, long size) => Refused(folder.Write(name, bytes), size);

    private void Refused(string path, long size)
    {
        var models = Enumerable.Range(1, 8).Select(static layers => TestModel.Create(layers: layers).Description).ToList();
        Measure(() => ModelCheckpoint.Load(TestModel.Create(), path), size, mustFail: true);
        // Each of some models is compared.
        Measure(() => ModelCheckpoint.Search(path, models), size * models.Count, mustFail: false);
    }

    private static void Measure(Action read, long size, bool mustFail)
    {
        var watch = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        string message;
        try
        {
            read();
            message = "";
        }
        catch (GptGenException error)
        {
            message = error.Message;
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(!mustFail || message.Length > 0, "It was read.");
        Assert.InRange(message.Length, 0, 2100);
        Assert.True(allocated < Least + (size * EachByte), $"{allocated:N0} bytes for {size:N0}: {message}");
        Assert.True(watch.Elapsed < TimeLimit, $"{watch.Elapsed}: {message}");
    }
}
