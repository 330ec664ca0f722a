using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Actors.Api.Enrolments;

/// <summary>What enrolment needs.</summary>
internal static class EnrolmentHosting
{
    /// <summary>Registers it. A host may have registered a channel of its own before; with <see cref="EnrolmentChannelKind.None"/> none is.</summary>
    public static void AddEnrolments(this IServiceCollection services, EnrolmentSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton<EnrolmentKeyring>();
        services.AddSingleton<EnrolmentRates>();
        switch (settings.Channel)
        {
            case EnrolmentChannelKind.Console:
                services.TryAddSingleton<IEnrolmentChannel, ConsoleChannel>();
                break;
            case EnrolmentChannelKind.Http:
                services.TryAddSingleton<IEnrolmentChannel, HttpChannel>();
                break;
            case EnrolmentChannelKind.None:
                break;
        }
    }
}
