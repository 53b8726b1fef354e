using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GptGen.AspNetCore;
using GptGen.Features;
using GptGen.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GptGen.AspNetCore.Tests;

[Gpt2(Layers = 2, Heads = 2, Width = 32, Context = 64, Vocabulary = 257)]
public sealed partial class ServedGpt;

/// <summary>Has no window to fill: it writes as long as one lets it.</summary>
[TransformerXL(Layers = 1, Heads = 2, Width = 16, HiddenWidth = 24, Context = 8, MemoryLength = 8, Vocabulary = 256)]
public sealed partial class ServedReader;

/// <summary>The sample's words.</summary>
[Bert(Layers = 2, Heads = 2, Width = 12, Context = 24, Vocabulary = 62)]
public sealed partial class ServedEncoder;

/// <summary>A server of a tiny model on a port of its own, over real sockets.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly CpuDevice device = new(2);
    private readonly Model model;

    private TestServer(
        Func<Device, (Model, ServedModel)> create, Action<GptGenServerOptions>? configure, Action<WebApplication>? map = null)
    {
        (model, Served) = create(device);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        builder.Services.AddGptGen(Served, configure);
        App = builder.Build();
        App.MapGptGen();
        map?.Invoke(App);
    }

    public WebApplication App { get; }

    public ServedModel Served { get; }

    public ServedGpt Gpt => (ServedGpt)model;

    public HttpClient Http { get; } = new();

    public Uri Address => new(App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public GptGenServer Server => App.Services.GetRequiredService<GptGenServer>();

    /// <summary>A model that writes; its texts vary.</summary>
    public static async Task<TestServer> StartAsync(Action<GptGenServerOptions>? configure = null, Action<WebApplication>? map = null)
    {
        var server = new TestServer(
            device =>
            {
                var gpt = ServedGpt.Create(device);
                gpt.Initialize(seed: 3);
                var weights = new float[gpt.Parameters.Elements];
                gpt.Parameters.Read(0, weights);
                gpt.Parameters.Write(0, Array.ConvertAll(weights, static weight => 5 * weight));
                return (gpt, new(gpt, Tokenizer.Open("bytes"), new TextFeatures(gpt, Tokenizer.Open("bytes"))));
            },
            configure, map);
        await server.BeginAsync();
        return server;
    }

    /// <summary>A model that writes without end.</summary>
    public static async Task<TestServer> StartEndlessAsync(Action<GptGenServerOptions>? configure = null)
    {
        var server = new TestServer(
            static device =>
            {
                var reader = ServedReader.Create(device);
                reader.Initialize(seed: 3);
                return (reader, new(reader, Tokenizer.Open("bytes")));
            },
            configure);
        await server.BeginAsync();
        return server;
    }

    /// <summary>A model that only makes embeddings.</summary>
    public static async Task<TestServer> StartEncoderAsync(string vocabularyFolder)
    {
        var server = new TestServer(
            device =>
            {
                var encoder = ServedEncoder.Create(device);
                encoder.Initialize(seed: 3);
                return (encoder, new(new TextFeatures(encoder, (WordPieceTokenizer)Tokenizer.Open(vocabularyFolder))));
            },
            configure: null);
        await server.BeginAsync();
        return server;
    }

    public async Task<(HttpStatusCode Status, JsonNode Answer)> PostAsync(string path, string json)
    {
        using var response = await Http.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    /// <summary>An answer that must be a success.</summary>
    public async Task<JsonNode> AskAsync(string path, string json)
    {
        var (status, answer) = await PostAsync(path, json);
        Xunit.Assert.True(status == HttpStatusCode.OK, answer.ToJsonString());
        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        model.Dispose();
        device.Dispose();
    }

    private async Task BeginAsync()
    {
        await App.StartAsync();
        Http.BaseAddress = Address;
    }
}
