package licensing

import (
	"context"
	"database/sql"
	"errors"
	"net/http"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/isv"
	"iscdesk.dev/marketplace/internal/web"
)

// getOrder answers the vendor's question for an order of his own products.
func (s *Service) getOrder(v Vendor, r *http.Request) reply {
	refuse := func(status int, code, message string) reply {
		return reply{status, isv.OrderAnswer{ResultCode: code, ResultMsg: message}}
	}
	order, line := r.URL.Query().Get("orderId"), r.URL.Query().Get("orderLineId")
	if order == "" || len(order) > 64 || len(line) > 64 {
		return refuse(http.StatusBadRequest, isv.OrderInvalid, "Invalid parameter")
	}
	info, err := s.orderInfo(r.Context(), v.ID, order, line)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return refuse(http.StatusUnauthorized, isv.OrderIllegal, "Illegal operation")
	case err != nil:
		s.Log.Error("order query failed", "error", err)
		return refuse(http.StatusInternalServerError, isv.OrderInternal, "System internal error")
	}
	return reply{http.StatusOK, isv.OrderAnswer{ResultCode: isv.OrderOK, ResultMsg: "Success", OrderInfo: &info}}
}

func (s *Service) orderInfo(ctx context.Context, vendor, order, line string) (isv.OrderInfo, error) {
	info := isv.OrderInfo{ExtendParams: []isv.ExtendParam{}}
	l := isv.OrderLine{ExtendParams: []isv.ExtendParam{}}
	var p isv.OrderProduct
	var created, expires int64
	err := s.DB.Read(ctx, func(tx database.Tx) error {
		return tx.QueryRow(ctx, `SELECT o.id, o.line, o.type, o.charging_mode, o.period_type, o.period_number, o.created, o.expires,
			o.buyer, o.buyer_name, o.company, p.id, p.name, i.seats
			FROM license_order o JOIN instance i ON i.id = o.instance JOIN product p ON p.id = i.product
			WHERE o.id = ? AND p.vendor = ? AND (? = '' OR o.line = ?)`, order, vendor, line, line).
			Scan(&info.OrderID, &l.OrderLineID, &info.OrderType, &l.ChargingMode, &l.PeriodType, &l.PeriodNumber, &created, &expires,
				&info.BuyerInfo.CustomerID, &info.BuyerInfo.CustomerName, &info.BuyerInfo.CustomerRealName, &p.ProductID, &p.ProductName, &p.LinearValue)
	})
	p.SkuCode = p.ProductID
	l.ProductInfo = []isv.OrderProduct{p}
	l.ExpireTime = isv.OrderTime(database.Time(expires))
	info.CreateTime = isv.OrderTime(database.Time(created))
	info.OrderLine = []isv.OrderLine{l}
	return info, err
}

// sellerURL is the body of the seller API: where the vendor wants to be
// called.
type sellerURL struct {
	URL string `json:"url"`
}

// putProductionURL registers the vendor's production URL.
func (s *Service) putProductionURL(v Vendor, r *http.Request) reply {
	u, err := web.ReadJSON[sellerURL](nil, r, 16<<10)
	if err != nil {
		return uploadInvalid("body is not JSON")
	}
	switch err := s.SetProductionURL(r.Context(), v.ID, u.URL); {
	case errors.Is(err, fault.InvalidArgument):
		return uploadInvalid("url: it must be https with a domain name, or loopback")
	case err != nil:
		return s.uploadFailed(err)
	}
	return uploadReply(http.StatusOK, isv.CodeOK, "success")
}
