using Actors.Policy.Businesses;
using Actors.Policy.Templates;
using Actors.Policy.Users;

namespace Actors.Policy.Sends.Rules;

/// <summary>The words that facts use for the values of closed lists. Stable: clients may compare them.</summary>
internal static class Words
{
    public static string Of(Category category) => category switch
    {
        Category.Service => "service",
        Category.Utility => "utility",
        Category.Authentication => "authentication",
        Category.Marketing => "marketing",
    };

    public static string Of(ConsentStatus status) => status switch
    {
        ConsentStatus.None => "none",
        ConsentStatus.Granted => "granted",
        ConsentStatus.WithdrawnByBusiness => "withdrawn_by_business",
        ConsentStatus.WithdrawnByUser => "withdrawn_by_user",
        ConsentStatus.WithdrawnByBlock => "withdrawn_by_block",
        ConsentStatus.StoppedWhileGranted => "stopped_while_granted",
        ConsentStatus.StoppedWhileNotGranted => "stopped_while_not_granted",
        ConsentStatus.StoppedWhileWithdrawn => "stopped_while_withdrawn",
    };

    public static string Of(MarketingStop stop) => stop switch
    {
        MarketingStop.None => "none",
        MarketingStop.ByWord => "by_word",
        MarketingStop.ByCall => "by_call",
    };

    public static string Of(CapBasis basis) => basis switch
    {
        CapBasis.Standard => "standard",
        CapBasis.Engaged => "engaged",
        CapBasis.Unengaged => "unengaged",
        CapBasis.Own => "own",
    };

    public static string Of(Restriction restriction) => restriction switch
    {
        Restriction.None => "none",
        Restriction.Warning => "warning",
        Restriction.NoMarketing => "no_marketing",
        Restriction.WindowOnly => "window_only",
        Restriction.Nothing => "nothing",
        Restriction.Locked => "locked",
    };

    public static string Of(QualityBand band) => band switch
    {
        QualityBand.Unknown => "unknown",
        QualityBand.Red => "red",
        QualityBand.Yellow => "yellow",
        QualityBand.Green => "green",
    };

    public static string Of(TemplateStatus status) => status switch
    {
        TemplateStatus.Pending => "pending",
        TemplateStatus.Approved => "approved",
        TemplateStatus.Rejected => "rejected",
        TemplateStatus.Paused => "paused",
        TemplateStatus.Disabled => "disabled",
    };
}
