using GptGen.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Adds a model to an application's services.</summary>
    public static class GptGenServices
    {
        /// <summary>Serves a model: its engine begins with the application and is drained with it.</summary>
        /// <param name="services">The application's services.</param>
        /// <param name="model">The model, which the caller disposes of when the application has ended.</param>
        /// <param name="configure">Sets what is offered, and the limits.</param>
        public static IServiceCollection AddGptGen(this IServiceCollection services, ServedModel model, Action<GptGenServerOptions>? configure = null)
        {
            var options = new GptGenServerOptions();
            configure?.Invoke(options);
            services.AddMetrics();
            services.AddSingleton(model);
            services.AddSingleton(options);
            services.AddSingleton<GptGenServer>();
            services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<GptGenServer>());
            if (model.Writer is not null)
                services.TryAddSingleton(static provider => provider.GetRequiredService<GptGenServer>().Engine);
            return services;
        }
    }
}

namespace Microsoft.AspNetCore.Builder
{
    /// <summary>Maps the API.</summary>
    public static class GptGenEndpoints
    {
        /// <summary>
        /// Maps OpenAI's <c>/v1/models</c>, <c>/v1/completions</c>, <c>/v1/chat/completions</c> and <c>/v1/embeddings</c>, and <c>/health</c>,
        /// <c>/tokenize</c>, <c>/detokenize</c> and <c>/tokenizer_info</c>, as other servers have them; and the playground at <c>/</c> where the
        /// options say so.
        /// </summary>
        /// <exception cref="InvalidOperationException"><c>AddGptGen</c> was not called.</exception>
        public static IEndpointConventionBuilder MapGptGen(this IEndpointRouteBuilder endpoints)
        {
            var server = endpoints.ServiceProvider.GetService<GptGenServer>()
                ?? throw new InvalidOperationException("There is no model to serve: call services.AddGptGen(model) before.");
            var group = endpoints.MapGroup("");
            var routes = new ApiRoutes(group);
            var tokens = new TokenizerEndpoints(server);
            routes.Get("/health", tokens.HealthAsync);
            routes.Get("/v1/models", server.Plain(tokens.ModelsAsync));
            routes.Get("/v1/models/{**id}", server.Plain(tokens.ModelAsync));
            routes.Get("/tokenizer_info", server.Plain(tokens.InfoAsync));
            routes.Post("/tokenize", server.Plain(tokens.TokenizeAsync));
            routes.Post("/detokenize", server.Plain(tokens.DetokenizeAsync));
            routes.Post("/v1/completions", server.Endpoint("text_completion", new CompletionEndpoint(server).AnswerAsync));
            routes.Post("/v1/chat/completions", server.Endpoint("chat", new ChatEndpoint(server).AnswerAsync));
            routes.Post("/v1/embeddings", server.Endpoint("embeddings", new EmbeddingEndpoint(server).AnswerAsync));
            ApiRoutes.Fallback(group, "/v1");
            if (server.Options.HasPlayground)
                Playground.Map(routes);
            return group;
        }

        /// <summary>
        /// Answers what no other endpoint takes with 404 in OpenAI's shape, for applications that are this server and nothing else;
        /// <see cref="MapGptGen"/> alone does so below <c>/v1</c>.
        /// </summary>
        public static IEndpointConventionBuilder MapGptGenFallback(this IEndpointRouteBuilder endpoints) => ApiRoutes.Fallback(endpoints, "");
    }
}
