using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace GptGen.AspNetCore.Tests;

/// <summary>By itself: it measures the memory of the process, which other tests would fill.</summary>
[CollectionDefinition(nameof(HostilityTests), DisableParallelization = true)]
public sealed class HostilityCollection;

/// <summary>Clients that send too much, too slowly, nonsense, or go away.</summary>
[Collection(nameof(HostilityTests))]
public sealed class HostilityTests
{
    private const string Path = "/v1/completions";

    [Fact]
    public async Task DeepLongAndBrokenBodiesAreRefused()
    {
        await using var server = await TestServer.StartAsync(static options => options.MostBodyBytes = 100_000);
        var deep = $$"""{"prompt": {{new string('[', 40_000)}}{{new string(']', 40_000)}}}""";
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostAsync(Path, deep)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostAsync("/v1/chat/completions", deep)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostAsync("/v1/embeddings", deep.Replace("prompt", "input"))).Status);
        var (status, answer) = await server.PostAsync(Path, $$"""{"prompt": "{{new string('a', 200_000)}}"}""");
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "request_too_large"), (status, (string?)answer["error"]!["code"]));
        using var broken = await server.Http.PostAsync(Path, new ByteArrayContent([.. "{\"prompt\": \""u8, 0xC3, 0x28, .. "\"}"u8]));
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
        Assert.Contains("UTF-8", (string?)JsonNode.Parse(await broken.Content.ReadAsStringAsync())!["error"]!["message"]);
        await server.AskAsync(Path, """{"prompt": "a", "max_tokens": 1}""");
    }

    [Fact]
    public async Task ASlowSenderIsSentAway()
    {
        await using var server = await TestServer.StartAsync(static options => options.BodyTimeLimit = TimeSpan.FromMilliseconds(300));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {Path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{{\"prompt\""));
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 408", await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task AnOverloadedServerSaysWhenToComeAgainAndRecovers()
    {
        await using var server = await TestServer.StartAsync(static options => (options.Slots, options.QueueLimit) = (1, 1));
        var engine = server.Server.Engine;
        var taken = Enumerable.Range(0, 2)
            .Select(_ => engine.Submit(new GptGen.Serving.EngineRequest { Prompt = [1], Tokens = 1_000_000, IgnoresEnd = true })).ToArray();
        using var response = await server.Http.PostAsync(Path, new StringContent("""{"prompt": "a", "max_tokens": 1}"""));
        Assert.Equal((HttpStatusCode)429, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter!.Delta);
        Assert.Equal("rate_limit_exceeded", (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!["code"]);
        foreach (var sequence in taken)
            sequence.Cancel();
        await UntilAsync(() => engine.Active + engine.Waiting == 0);
        await server.AskAsync(Path, """{"prompt": "a", "max_tokens": 1}""");
    }

    [Fact]
    public async Task AThousandRequestsOfWhichManyGoAwayLeaveNothingBehind()
    {
        await using var server = await TestServer.StartAsync(static options => (options.Slots, options.QueueLimit) = (8, 5000));
        var random = new Random(3);
        var engine = server.Server.Engine;
        await Round(100);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await Round(900);
        await UntilAsync(() => engine.Active + engine.Waiting == 0);
        // Whatever stayed of a request would be there 900 times.
        await UntilAsync(() => GC.GetTotalMemory(forceFullCollection: true) - before < 900 * 2000);
        await server.AskAsync(Path, """{"prompt": "a", "max_tokens": 1}""");

        async Task Round(int requests)
        {
            for (var done = 0; done < requests; done += 50)
                await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => OneAsync(random.Next(3), random.Next(1, 30))));
        }

        async Task OneAsync(int kind, int tokens)
        {
            var body = $$"""{"prompt": "The {{tokens}}", "max_tokens": {{tokens}}, "stream": {{(kind == 0 ? "false" : "true")}}}""";
            using var leave = new CancellationTokenSource();
            try
            {
                if (kind == 2)
                    leave.CancelAfter(tokens % 10);
                using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent(body) };
                using var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leave.Token);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                if (kind != 1 || tokens % 2 == 0)
                    await response.Content.ReadAsStringAsync(leave.Token);
            }
            catch (OperationCanceledException) when (leave.IsCancellationRequested)
            {
            }
        }
    }

    [Fact]
    public async Task WhatIsBegunIsFinishedWhenTheServerEnds()
    {
        await using var server = await TestServer.StartAsync(static options => options.Slots = 1);
        var engine = server.Server.Engine;
        var writing = engine.Submit(new GptGen.Serving.EngineRequest { Prompt = [1], Tokens = 1_000_000, IgnoresEnd = true });
        await UntilAsync(() => engine.Active == 1);
        var waiting = server.Http.PostAsync(Path, new StringContent("""{"prompt": "a", "max_tokens": 20, "stream": true}"""));
        await UntilAsync(() => engine.Waiting == 1);
        var stopping = server.App.StopAsync();
        await UntilAsync(() => !engine.IsOpen);
        Assert.False(stopping.IsCompleted);
        writing.Cancel();
        Assert.EndsWith("data: [DONE]\n\n", await (await waiting).Content.ReadAsStringAsync());
        await stopping.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var attempt = 0; attempt < 400 && !condition(); attempt++)
            await Task.Delay(25);
        Assert.True(condition());
    }
}
