using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace GptGen.AspNetCore.Tests;

/// <summary>What is asked for at addresses that are there, and at others.</summary>
public sealed class RouteTests
{
    [Theory]
    [InlineData("GET", "/v1/nothing", 404, "not_found", null)]
    [InlineData("POST", "/v1", 404, "not_found", null)]
    [InlineData("GET", "/v1/models/nobody/has", 404, "model_not_found", null)]
    [InlineData("POST", "/v1/models", 405, "method_not_supported", "GET")]
    [InlineData("GET", "/v1/chat/completions", 405, "method_not_supported", "POST")]
    [InlineData("DELETE", "/tokenize", 405, "method_not_supported", "POST")]
    [InlineData("PUT", "/", 405, "method_not_supported", "GET")]
    public async Task WhatIsNotThereIsAnErrorInOpenAIsShape(string method, string path, int status, string code, string? allowed)
    {
        await using var server = await TestServer.StartAsync(static options => options.HasPlayground = true);
        using var response = await server.Http.SendAsync(new(new(method), path));
        Assert.Equal((status, allowed), ((int)response.StatusCode, response.Content.Headers.Allow.SingleOrDefault()));
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!.AsObject();
        Assert.Equal(["message", "type", "param", "code"], error.Select(static pair => pair.Key));
        Assert.Equal(("invalid_request_error", code), ((string?)error["type"], (string?)error["code"]));
    }

    /// <summary>An application's own addresses stay its own.</summary>
    [Fact]
    public async Task WhatIsOutsideOfTheApiIsForTheApplication()
    {
        await using var server = await TestServer.StartAsync();
        using var page = await server.Http.GetAsync("/");
        Assert.Equal((HttpStatusCode.NotFound, ""), (page.StatusCode, await page.Content.ReadAsStringAsync()));
        await using var whole = await TestServer.StartAsync(map: static app => app.MapGptGenFallback());
        using var fallback = await whole.Http.GetAsync("/anything");
        Assert.Contains("There is nothing at '/anything'", (string?)JsonNode.Parse(await fallback.Content.ReadAsStringAsync())!["error"]!["message"]);
    }

    [Fact]
    public async Task ThePageNamesNoOtherAddress()
    {
        await using var server = await TestServer.StartAsync(static options => (options.HasPlayground, options.ApiKey) = (true, "secret"));
        using var page = await server.Http.GetAsync("/");
        Assert.Equal("text/html; charset=utf-8", page.Content.Headers.ContentType!.ToString());
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; ", policy);
        Assert.DoesNotContain("unsafe", policy);
        var files = typeof(GptGenServerOptions).Assembly.GetManifestResourceNames().Where(static name => name.StartsWith("playground/")).ToList();
        Assert.True(files.Count > 8);
        foreach (var file in files.Where(static file => !file.EndsWith("index.html")))
        {
            using var response = await server.Http.GetAsync(file);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            // The name of a vocabulary is no address that anybody asks.
            Assert.DoesNotContain("://", (await response.Content.ReadAsStringAsync()).Replace("http://www.w3.org/2000/svg", ""));
        }

        Assert.DoesNotContain("://", await page.Content.ReadAsStringAsync());
    }

    /// <summary>The page asks by addresses relative to its own, which needs a slash at its end.</summary>
    [Fact]
    public async Task ThePageLiesWhereTheApiIsMapped()
    {
        await using var server = await TestServer.StartAsync(
            static options => options.HasPlayground = true, static app => app.MapGroup("/ai").MapGptGen());
        using var page = await server.Http.GetAsync("/ai");
        Assert.EndsWith("/ai/", page.RequestMessage!.RequestUri!.AbsoluteUri);
        Assert.Contains("src=\"playground/page.js\"", await page.Content.ReadAsStringAsync());
        Assert.Contains("import", await server.Http.GetStringAsync("/ai/playground/page.js"));
        Assert.Contains(nameof(ServedGpt), await server.Http.GetStringAsync("/ai/v1/models"));
    }
}
