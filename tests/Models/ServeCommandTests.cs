using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary><c>gptgen serve</c> from its first line to its end.</summary>
public sealed partial class ServeCommandTests(TrainedFixture trained) : IClassFixture<TrainedFixture>
{
    [Fact]
    public async Task ItServesAndFinishesWhatIsBegunWhenItIsToldToEnd()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows has no such signals.");
        using var folder = new TemporaryFolder();
        using var process = Start("--api-key-file", folder.Write("key", "secret\n"), "--name", "tiny");
        using var http = new HttpClient { BaseAddress = await AddressAsync(process) };
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/v1/models")).StatusCode);
        Assert.Contains("playground", await http.GetStringAsync("/"));
        Assert.Contains("There is nothing at", await (await http.GetAsync("/else")).Content.ReadAsStringAsync());
        http.DefaultRequestHeaders.Authorization = new("Bearer", "secret");
        Assert.Equal("tiny", (string?)JsonNode.Parse(await http.GetStringAsync("/v1/models"))!["data"]![0]!["id"]);
        var embedding = await http.PostAsync("/v1/embeddings", new StringContent("""{"input": "gear"}"""));
        Assert.Equal(128, JsonNode.Parse(await embedding.Content.ReadAsStringAsync())!["data"]![0]!["embedding"]!.AsArray().Count);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
        {
            Content = new StringContent("""{"prompt": "The ", "max_tokens": 60, "n": 20, "stream": true}""", Encoding.UTF8, "application/json"),
        };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            await kill.WaitForExitAsync();
        Assert.EndsWith("data: [DONE]\n\n", await response.Content.ReadAsStringAsync());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(0, process.ExitCode);
        Assert.Contains("text_completion: 200", await process.StandardError.ReadToEndAsync());
    }

    [Fact]
    public void APortThatIsTakenIsOneLine()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        Assert.Contains("Choose another --port", CommandLine.Fail("serve", "--weights", trained.Run, "--device", "cpu", "--port", $"{port}"));
        Assert.Contains("--host is 'here'", CommandLine.Fail("serve", "--weights", trained.Run, "--host", "here"));
    }

    private Process Start(params string[] more) =>
        CommandLine.Start(["serve", "--weights", trained.Run, "--device", "cpu", "--threads", "2", "--port", "0", "--slots", "4", .. more]);

    private static async Task<Uri> AddressAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1)) is { } line)
        {
            if (ServedAt().Match(line) is { Success: true } match)
                return new(match.Groups[1].Value);
        }

        throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());
    }

    [GeneratedRegex("is served at (http://127.0.0.1:[0-9]+)/v1")]
    private static partial Regex ServedAt();
}
