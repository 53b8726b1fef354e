using System.Net;
using GptGen.AspNetCore;
using GptGen.Extensions.AI;
using GptGen.Features;
using GptGen.Serving;
using GptGen.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GptGen.Models.Commands;

/// <summary>The server of <c>gptgen serve</c>. Nothing else names its framework, which is therefore loaded here only.</summary>
internal static class ServeWork
{
    internal static int Run(ServeRequest request, LoadedModel found, Tokenizer tokenizer, Device device, CancellationToken cancellation)
    {
        var need = found.Entry.Kind == ModelKind.Masked
            ? MemoryNeed.Losses(1, found.Description.Context, "a smaller model")
            : MemoryNeed.Inference(GenerationEngine.SizeFor(found.Description, device, new() { Slots = request.Slots }), "fewer --slots");
        using var model = found.Load(device, need);
        // A server that is told to end still has texts to finish.
        using var hold = Interruption.Hold(
            "what is being written is finished first, and nothing new is taken; Ctrl-C once more ends at once");
        using var application = Build(request, Served(model, tokenizer));
        return RunAsync(request, application, cancellation).GetAwaiter().GetResult();
    }

    private static ServedModel Served(Model model, Tokenizer tokenizer) => model switch
    {
        MaskedModel masked => new(new TextFeatures(masked, WordPieceTokenizer.Require(tokenizer))),
        LanguageModel language => new(language, tokenizer, new TextFeatures(language, tokenizer)),
        _ => new((TextModel)model, tokenizer),
    };

    private static WebApplication Build(ServeRequest request, ServedModel served)
    {
        // Only what is asked for counts: no settings from the folder or the environment, which could open other addresses.
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "gptgen" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(request.Address, request.Port);
        });
        builder.Services.AddRoutingCore();
        builder.Logging.AddSimpleConsole(static console => (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss "));
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // That it cannot begin is the command's own message.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = request.Drain);
        builder.Services.AddGptGen(served, options =>
        {
            (options.ModelName, options.ApiKey, options.Slots, options.QueueLimit) = (request.Name, request.Key, request.Slots, request.Queue);
            (options.MostTokens, options.MostBodyBytes, options.TimeLimit) = (request.MostTokens, request.MostBodyBytes, request.TimeLimit);
            options.ChatTemplate = request.IsChatPlain ? ChatTemplate.Completion : ChatTemplate.QuestionAnswer;
            options.HasPlayground = true;
        });
        var application = builder.Build();
        application.UseRouting();
        application.MapGptGen();
        application.MapGptGenFallback();
        return application;
    }

    private static async Task<int> RunAsync(ServeRequest request, WebApplication application, CancellationToken cancellation)
    {
        try
        {
            await application.StartAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            throw new GptGenException($"{request.Address}:{request.Port} cannot be listened on: {error.Message} Choose another --port.", error);
        }

        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var name = application.Services.GetRequiredService<ServedModel>().Description.Name;
        Console.WriteLine($"{name} is served at {address}/v1, with a page to try it on at {address}/; Ctrl-C ends");
        if (!IPAddress.IsLoopback(request.Address) && request.Key is null)
            Note.Show("other machines may ask without a key: --api-key-file asks for one");
        var ended = new TaskCompletionSource();
        await using var registration = cancellation.Register(() => ended.TrySetResult());
        await ended.Task.ConfigureAwait(false);
        await application.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await application.DisposeAsync().ConfigureAwait(false);
        // Being told to end is how a server ends.
        return 0;
    }
}
