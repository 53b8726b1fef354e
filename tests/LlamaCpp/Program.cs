using System.Text;
using System.Text.Json;
using LLama;
using LLama.Common;
using LLama.Native;

// llama.cpp reads a GGUF file in a process of its own, because it ends its process where it does not like one.
// Standard input: { "model": path, "texts": […], "tokens": […], "prompt": n }. Standard output: { "end": the token that ends texts, "tokens": the
// texts', "logits": behind each token from the prompt's last on }. With "probe" alone it fails where the native library does not load.
NativeLogConfig.llama_log_set((level, message) =>
{
    if (level is LLamaLogLevel.Error)
        Console.Error.Write(message);
});
using var request = JsonDocument.Parse(Console.In.ReadToEnd());
var root = request.RootElement;
if (root.TryGetProperty("probe", out _))
{
    NativeApi.llama_empty_call();
    Console.WriteLine("{}");
    return;
}

var parameters = new ModelParams(root.GetProperty("model").GetString()!)
{
    // Without these two, near ties flip.
    FlashAttention = false,
    TypeK = GGMLType.GGML_TYPE_F32,
    TypeV = GGMLType.GGML_TYPE_F32,
    Threads = 1,
    GpuLayerCount = 0,
};
using var weights = LLamaWeights.LoadFromFile(parameters);
var texts = root.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!).ToArray();
var tokens = root.GetProperty("tokens").EnumerateArray().Select(token => token.GetInt32()).ToArray();
var prompt = root.GetProperty("prompt").GetInt32();

using var output = new MemoryStream();
using (var json = new Utf8JsonWriter(output))
{
    json.WriteStartObject();
    json.WriteNumber("end", (int?)weights.Vocab.EOS ?? -1);
    json.WriteStartArray("tokens");
    foreach (var text in texts)
    {
        json.WriteStartArray();
        foreach (var token in weights.NativeHandle.Tokenize(text, addBos: false, special: false, Encoding.UTF8))
            json.WriteNumberValue((int)token);
        json.WriteEndArray();
    }

    json.WriteEndArray();
    json.WriteStartArray("logits");
    if (tokens.Length > 0)
    {
        using var context = weights.CreateContext(parameters);
        var batch = new LLamaBatch();
        for (var position = 0; position < tokens.Length; position++)
        {
            var isLast = position >= prompt - 1;
            batch.Add(tokens[position], position, LLamaSeqId.Zero, isLast);
            if (!isLast)
                continue;
            if (context.Decode(batch) != DecodeResult.Ok)
                throw new InvalidOperationException("llama.cpp cannot decode.");
            json.WriteStartArray();
            foreach (var logit in context.NativeHandle.GetLogitsIth(batch.TokenCount - 1))
                json.WriteNumberValue(logit);
            json.WriteEndArray();
            batch.Clear();
        }
    }

    json.WriteEndArray();
    json.WriteEndObject();
}

Console.WriteLine(Encoding.UTF8.GetString(output.ToArray()));
