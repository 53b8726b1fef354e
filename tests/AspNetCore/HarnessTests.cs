using System.Text.Json.Nodes;
using GptGen.Evaluation;
using GptGen.Text;
using Xunit;

namespace GptGen.AspNetCore.Tests;

/// <summary>What lm-evaluation-harness asks of a server, and how it reads the answers (its file lm_eval/models/openai_completions.py).</summary>
public sealed class HarnessTests
{
    [Fact]
    public async Task LogLikelihoodsAreOurs()
    {
        await using var server = await TestServer.StartAsync();
        (int[] Context, int[] Continuation)[] pairs = [([72, 101, 108], [108, 111]), ([1], [2, 3, 4, 5]), ([.. Enumerable.Range(40, 50)], [9])];
        var lists = string.Join(",", pairs.Select(static pair => $"[{string.Join(",", pair.Context.Concat(pair.Continuation))}]"));
        var answer = await server.AskAsync("/v1/completions", $$"""
            {"model": "ServedGpt", "prompt": [{{lists}}], "temperature": 0, "max_tokens": 1, "logprobs": 1, "seed": 1234, "echo": true}
            """);
        using var scorer = new ContinuationScorer(server.Gpt, 1, 63);
        for (var index = 0; index < pairs.Length; index++)
        {
            var (context, continuation) = pairs[index];
            var choice = answer["choices"]!.AsArray().Single(choice => (int)choice!["index"]! == index)!;
            var scores = choice["logprobs"]!;
            var own = scores["token_logprobs"]!.AsArray().Select(static value => (double?)value).ToArray();
            Assert.Equal(context.Length + continuation.Length + 1, own.Length);
            Assert.Null(own[0]);
            Assert.Equal(own.Length, scores["tokens"]!.AsArray().Count);
            Assert.Equal(own.Length, scores["text_offset"]!.AsArray().Count);
            var expected = new double[1];
            scorer.Score([new([.. context, .. continuation], continuation.Length)], expected);
            Assert.Equal(expected[0], own[context.Length..^1].Sum()!.Value, 1e-3);
            var isGreedy = true;
            for (var token = 1; token < own.Length; token++)
            {
                var best = scores["top_logprobs"]![token]!.AsObject().Max(static pair => (double)pair.Value!);
                Assert.True(own[token] <= best);
                if (token >= context.Length && token < own.Length - 1)
                    isGreedy &= own[token] == best;
            }

            Assert.Equal(IsGreedy(server.Gpt, context, continuation), isGreedy);
            // The generated token of temperature 0 is the most probable one.
            Assert.Equal(scores["top_logprobs"]![own.Length - 1]!.AsObject().Max(static pair => (double)pair.Value!), own[^1]);
        }
    }

    [Fact]
    public async Task ItsTokenizerRequests()
    {
        await using var server = await TestServer.StartAsync();
        var info = JsonNode.Parse(await server.Http.GetStringAsync("/tokenizer_info"))!.AsObject();
        Assert.True(info.ContainsKey("eos_token") && info.ContainsKey("bos_token") && info.ContainsKey("pad_token"));
        var tokens = await server.AskAsync("/tokenize", """{"prompt": "Hé", "add_special_tokens": false}""");
        Assert.Equal("[72,195,169]", tokens["tokens"]!.ToJsonString());
        Assert.Equal("Hé", (string?)(await server.AskAsync("/detokenize", """{"tokens": [72, 195, 169]}"""))["prompt"]);
    }

    [Fact]
    public async Task ItsGenerationRequestsHaveManyStops()
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.AskAsync("/v1/completions", """
            {"prompt": ["ab", "cd"], "max_tokens": 9, "temperature": 0, "seed": 1234, "stop": ["\n\n", "x1", "x2", "x3", "x4", "<|endoftext|>"]}
            """);
        Assert.Equal([0, 1], answer["choices"]!.AsArray().Select(static choice => (int)choice!["index"]!));
        Assert.Equal((4, 18), ((int)answer["usage"]!["prompt_tokens"]!, (int)answer["usage"]!["completion_tokens"]!));
    }

    private static bool IsGreedy(LanguageModel model, int[] context, int[] continuation)
    {
        int[] text = [.. context, .. continuation];
        using var graph = model.CreateInference(1, text.Length, text.Length, text.Length);
        graph.PrefillAllLogits(text.Length, text, [text.Length], [0]);
        var logits = new float[model.Description.Vocabulary];
        for (var position = context.Length; position < text.Length; position++)
        {
            graph.ReadLogits(position - 1, logits);
            if (Array.IndexOf(logits, logits.Max()) != text[position])
                return false;
        }

        return true;
    }
}
