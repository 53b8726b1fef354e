using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GptGen.AspNetCore;

/// <summary>The addresses of the API: what asks for another one, or in another way, is told so in OpenAI's shape.</summary>
internal sealed class ApiRoutes(IEndpointRouteBuilder endpoints)
{
    public void Get(string address, RequestDelegate answer) => Map(HttpMethods.Get, address, answer);

    public void Post(string address, RequestDelegate answer) => Map(HttpMethods.Post, address, answer);

    /// <summary>Answers what no other endpoint takes, below an address.</summary>
    public static IEndpointConventionBuilder Fallback(IEndpointRouteBuilder endpoints, string below) =>
        endpoints.MapFallback($"{below}/{{**rest}}", static context => RefuseAsync(context, new(
            StatusCodes.Status404NotFound, "invalid_request_error", "not_found",
            $"There is nothing at '{context.Request.Path}': OpenAI's API is below '/v1'.")));

    private void Map(string method, string address, RequestDelegate answer)
    {
        endpoints.MapMethods(address, [method], answer);
        // Taken by all methods that have no endpoint of their own.
        endpoints.Map(address, context =>
        {
            context.Response.Headers.Allow = method;
            return RefuseAsync(context, new(
                StatusCodes.Status405MethodNotAllowed, "invalid_request_error", "method_not_supported",
                $"'{context.Request.Path}' does not answer {context.Request.Method}: use {method}."));
        });
    }

    private static Task RefuseAsync(HttpContext context, ApiException error) =>
        ApiExchange.WriteAsync(context, error.Answer, ApiJson.Default.ErrorAnswer, error.Status);
}
