-- Of all prints of one figure, the one that speaks for its period. The rule, in order: real before demo; a source that can be
-- attributed before an unsourced one; the whole area before a part of it or more than it; a rate at constant prices before one
-- at current prices; exact before a bound or a rounded print; vintage; the later publication; the
-- better tier; the longer print; the row id, so that no tie is left to chance.
with figures as (

    select
        figures.*,
        tiers.tier_class,
        tiers.tier_rank,
        vintages.vintage_rank
    from {{ ref('stg_indicator_figures') }} as figures
    left join {{ ref('source_tiers') }} as tiers
        on figures.source_tier = tiers.source_tier
    left join {{ ref('vintages') }} as vintages
        on figures.vintage = vintages.vintage

)

select
    *,
    row_number() over (
        partition by area_id, indicator_code, period_id
        order by
            case when data_origin = 'demo' then 1 else 0 end,
            tier_class nulls last,
            case when area_scope_note like '%含%' then 1 else 0 end,
            case when indicator_code like '%growth' and price_basis = 'current' then 1 else 0 end,
            case when is_exact then 0 else 1 end,
            vintage_rank nulls last,
            published_on desc nulls last,
            tier_rank nulls last,
            length(value_text) desc,
            figure_id
    ) as headline_rank
from figures
