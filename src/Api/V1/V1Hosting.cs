namespace Actors.Api.V1;

/// <summary>Everything under <c>/v1</c>.</summary>
internal static class V1Hosting
{
    public static IServiceCollection AddV1(this IServiceCollection services)
    {
        services.AddSingleton<ManagementRate>();
        services.AddSingleton<ExportRate>();
        services.AddSingleton<ErasureRate>();
        services.AddSingleton<OptInImport>();
        services.ConfigureHttpJsonOptions(json =>
        {
            var strict = V1Json.Strict.Options;
            json.SerializerOptions.PropertyNamingPolicy = strict.PropertyNamingPolicy;
            json.SerializerOptions.DefaultIgnoreCondition = strict.DefaultIgnoreCondition;
            json.SerializerOptions.NumberHandling = strict.NumberHandling;
            json.SerializerOptions.RespectNullableAnnotations = strict.RespectNullableAnnotations;
            json.SerializerOptions.RespectRequiredConstructorParameters = strict.RespectRequiredConstructorParameters;
            json.SerializerOptions.UnmappedMemberHandling = strict.UnmappedMemberHandling;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, V1Json.Default);
        });
        return services;
    }

    public static void MapV1(this IEndpointRouteBuilder routes)
    {
        routes.MapBusinesses();
        routes.MapTokens();
        routes.MapEnrolments();
        routes.MapEnforcement();
        routes.MapAppeals();
        routes.MapReports();
        routes.MapAnalytics();
        routes.MapQuality();
        routes.MapLimits();
        routes.MapOptIns();
        routes.MapEvents();
        routes.MapWebhooks();
        routes.MapMessages();
        routes.MapDecisions();
        routes.MapUsers();
        routes.MapUserData();
        routes.MapUserBusinesses();
        routes.MapUserMessages();
        routes.MapAcknowledgements();
        routes.MapTemplateReviews();
        routes.MapPolicy();
        routes.MapShadow();
        routes.MapAudit();
    }
}
