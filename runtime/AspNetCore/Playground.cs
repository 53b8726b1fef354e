using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GptGen.AspNetCore;

/// <summary>
/// A page on which people try the model. Its files are embedded in the assembly and name no other address; it asks the same API as everybody, by
/// addresses relative to its own.
/// </summary>
internal static class Playground
{
    private const string Folder = "playground/";
    private const string Start = "index.html";

    /// <summary>Scripts, styles and answers of this server alone: not even what a model writes could bring in anything else.</summary>
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly Dictionary<string, string> Types = new()
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    /// <summary>Maps the page to the group's root, and its files below.</summary>
    public static void Map(ApiRoutes routes)
    {
        routes.Get("/", static context =>
        {
            // Relative addresses need the root's slash.
            if (context.Request.Path.Value is ['/', ..] path && path[^1] == '/')
                return AnswerAsync(context, Start, Read(Start));
            context.Response.Redirect($"{context.Request.PathBase}{context.Request.Path}/");
            return Task.CompletedTask;
        });
        foreach (var resource in typeof(Playground).Assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Folder)))
        {
            var name = resource[Folder.Length..];
            var contents = new Lazy<byte[]>(() => Read(name));
            if (name != Start)
                routes.Get($"/{resource}", context => AnswerAsync(context, name, contents.Value));
        }
    }

    private static Task AnswerAsync(HttpContext context, string name, byte[] contents)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        // Another version of the server may be behind the address tomorrow.
        headers.CacheControl = "no-cache";
        context.Response.ContentType = Types[Path.GetExtension(name)];
        context.Response.ContentLength = contents.Length;
        return context.Response.Body.WriteAsync(contents, context.RequestAborted).AsTask();
    }

    private static byte[] Read(string name)
    {
        using var stream = typeof(Playground).Assembly.GetManifestResourceStream(Folder + name)!;
        var contents = new byte[stream.Length];
        stream.ReadExactly(contents);
        return contents;
    }
}
