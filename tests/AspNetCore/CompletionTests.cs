using System.Net;
using System.Text.Json.Nodes;
using GptGen.Text;
using Xunit;

namespace GptGen.AspNetCore.Tests;

/// <summary>Texts that go on where prompts end.</summary>
public sealed class CompletionTests
{
    private const string Path = "/v1/completions";

    [Fact]
    public async Task ASeedGivesOneTextAloneAndAmong32()
    {
        await using var server = await TestServer.StartAsync(static options => options.Slots = 32);
        Task<JsonNode> Ask(int seed) => server.AskAsync(Path, $$"""
            {
              "prompt": "The {{seed % 7}}", "max_tokens": {{5 + (seed % 40)}}, "seed": {{seed}}, "top_p": {{(seed % 2 == 0 ? "0.9" : "1")}},
              "logprobs": 0
            }
            """);
        var together = await Task.WhenAll(Enumerable.Range(0, 32).Select(Ask));
        for (var seed = 0; seed < 32; seed++)
        {
            var alone = await Ask(seed);
            Assert.Equal(alone["choices"]!.ToJsonString(), together[seed]["choices"]!.ToJsonString());
        }
    }

    [Fact]
    public async Task AStreamHasThePartsOfTheWhole()
    {
        await using var server = await TestServer.StartAsync();
        const string Request = """ "prompt": "ab", "max_tokens": 30, "seed": 5, "n": 3, "echo": true, "logprobs": 2 """;
        var whole = await server.AskAsync(Path, "{" + Request + "}");
        var (texts, scores) = (new string[] { "", "", "" }, new List<double?>[] { [], [], [] });
        using var response = await server.Http.PostAsync(Path, new StringContent(
            "{" + Request + """, "stream": true, "stream_options": {"include_usage": true}}"""));
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var lines = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", lines[^1]);
        Assert.True(lines.Length > 20);
        foreach (var line in lines[..^2])
        {
            var choice = JsonNode.Parse(line["data: ".Length..])!["choices"]![0]!;
            texts[(int)choice["index"]!] += (string?)choice["text"];
            if (choice["logprobs"] is { } parts)
                scores[(int)choice["index"]!].AddRange(parts["token_logprobs"]!.AsArray().Select(static value => (double?)value));
        }

        for (var index = 0; index < 3; index++)
        {
            var choice = whole["choices"]![index]!;
            Assert.Equal((string?)choice["text"], texts[index]);
            Assert.StartsWith("ab", texts[index]);
            Assert.Equal(choice["logprobs"]!["token_logprobs"]!.AsArray().Select(static value => (double?)value), scores[index]);
        }

        Assert.Equal(3, texts.Distinct().Count());
        var usage = JsonNode.Parse(lines[^2]["data: ".Length..])!["usage"]!;
        Assert.Equal((2, 90, 92), ((int)usage["prompt_tokens"]!, (int)usage["completion_tokens"]!, (int)usage["total_tokens"]!));
    }

    [Fact]
    public async Task ATextEndsBeforeAStop()
    {
        await using var server = await TestServer.StartAsync();
        var whole = (string)(await server.AskAsync(Path, """{"prompt": "ab", "max_tokens": 40, "temperature": 0}"""))["choices"]![0]!["text"]!;
        var stop = whole[5..7];
        var answer = await server.AskAsync(
            Path, new JsonObject { ["prompt"] = "ab", ["max_tokens"] = 40, ["temperature"] = 0, ["stop"] = stop }.ToJsonString());
        var choice = answer["choices"]![0]!;
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], (string?)choice["text"]);
        Assert.Equal("stop", (string?)choice["finish_reason"]);
        Assert.InRange((int)answer["usage"]!["completion_tokens"]!, 1, 39);
    }

    [Fact]
    public async Task APromptAloneIsScoredWithoutTokens()
    {
        await using var server = await TestServer.StartAsync();
        var choice = (await server.AskAsync(Path, """{"prompt": "Hello", "max_tokens": 0, "echo": true, "logprobs": 1}"""))["choices"]![0]!;
        Assert.Equal("Hello", (string?)choice["text"]);
        Assert.Equal(5, choice["logprobs"]!["tokens"]!.AsArray().Count);
        Assert.Equal("[0,1,2,3,4]", choice["logprobs"]!["text_offset"]!.ToJsonString());
    }

    /// <summary>What cannot be is said in OpenAI's shape, and nothing of it brings the server down.</summary>
    [Theory]
    [InlineData("""{"prompt": "a", "max_tokens": 1e999}""", 400)]
    [InlineData("""{"prompt": "a", "max_tokens": 99999999999999999999}""", 400)]
    [InlineData("""{"prompt": "a", "max_tokens": -1}""", 400)]
    [InlineData("""{"prompt": "a", "temperature": 1e39}""", 400)]
    [InlineData("""{"prompt": "a", "temperature": -0.1}""", 400)]
    [InlineData("""{"prompt": "a", "n": 1000000}""", 400)]
    [InlineData("""{"prompt": "a", "logprobs": 21}""", 400)]
    [InlineData("""{"prompt": "a", "logit_bias": {"5": 100}}""", 400)]
    [InlineData("""{"prompt": "a", "suffix": "b"}""", 400)]
    [InlineData("""{"prompt": "a", "stop": [1]}""", 400)]
    [InlineData("""{"prompt": "a", "stop_token_ids": "x"}""", 400)]
    [InlineData("""{"prompt": [300]}""", 400)]
    [InlineData("""{"prompt": [-1]}""", 400)]
    [InlineData("""{"prompt": [1, "a"]}""", 400)]
    [InlineData("""{"prompt": []}""", 400)]
    [InlineData("""{"prompt": {"a": 1}}""", 400)]
    [InlineData("""{"prompt": "\ud800"}""", 400)]
    [InlineData("""{"max_tokens": 3}""", 400)]
    [InlineData("""{"prompt": "a", "model": "other"}""", 404)]
    [InlineData("""{"prompt": "a" """, 400)]
    [InlineData("null", 400)]
    [InlineData("[]", 400)]
    [InlineData("", 400)]
    public async Task WhatCannotBeIsAnError(string body, int status)
    {
        await using var server = await TestServer.StartAsync();
        var (actual, answer) = await server.PostAsync(Path, body);
        Assert.Equal((HttpStatusCode)status, actual);
        var error = answer["error"]!.AsObject();
        Assert.Equal(["message", "type", "param", "code"], error.Select(static pair => pair.Key));
        Assert.NotEmpty((string)error["message"]!);
        await server.AskAsync(Path, """{"prompt": "a", "max_tokens": 1}""");
    }

    [Fact]
    public async Task APromptThatFillsTheContextIsTooLong()
    {
        await using var server = await TestServer.StartAsync();
        var (status, answer) = await server.PostAsync(Path, $$"""{"prompt": "{{new string('a', 64)}}", "max_tokens": 1}""");
        Assert.Equal((HttpStatusCode.BadRequest, "context_length_exceeded"), (status, (string?)answer["error"]!["code"]));
        await server.AskAsync(Path, $$"""{"prompt": "{{new string('a', 63)}}", "max_tokens": 1}""");
    }
}
